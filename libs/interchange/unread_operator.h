// An operator of a network file that is not read.

#ifndef NIWAKI_LIBS_INTERCHANGE_UNREAD_OPERATOR_H_
#define NIWAKI_LIBS_INTERCHANGE_UNREAD_OPERATOR_H_

#include <string>

namespace niwaki::interchange {

struct UnreadOperator {
  // In the file's order.
  int index = 0;
  // As the format calls it.
  std::string name;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_UNREAD_OPERATOR_H_
