// The size of a network's input in OFA's and MCUNet's files.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_IMAGE_SIZE_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_IMAGE_SIZE_H_

namespace niwaki::interchange {

// In pixels.
struct ImageSize {
  int height = 0;
  int width = 0;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_IMAGE_SIZE_H_
