#!/usr/bin/env python3
"""Converts a PyTorch checkpoint in the format from before PyTorch 1.6 into the zip format that Niwaki reads.

    python3 convert_legacy_pth.py OLD.pth NEW.pth

Needs PyTorch 1.13 or later (Debian: python3-torch). Tensors of a GPU are brought to the CPU. The file is read with
torch.load(weights_only=True), which rebuilds tensors and plain containers and refuses every other class, so a
checkpoint that would run code is refused, not executed. What is kept: tensors, strings, numbers, None, lists, tuples
and dicts; tensors that share memory go on sharing it.
"""

import argparse
import os
import pickle
import sys


def fail(message):
    print(f"convert_legacy_pth: {message}", file=sys.stderr)
    return 1


def check(value, path="the file"):
    """Returns what is not allowed in `value`, or None."""
    import torch

    if isinstance(value, torch.Tensor):
        return None if value.layout == torch.strided else f"{path} is a {value.layout} tensor"
    if value is None or isinstance(value, (str, bool, int, float)):
        return None
    if isinstance(value, dict):
        items = [(f"{path}[{key!r}]", item) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return f"{path} is a {type(value).__name__}"
    return next(filter(None, (check(item, place) for place, item in items)), None)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", help="checkpoint in the legacy format")
    parser.add_argument("new", help="where to write the zip format; must not exist")
    options = parser.parse_args(arguments)
    if os.path.exists(options.new):
        return fail(f"{options.new} exists already")
    try:
        import torch
    except ImportError:
        return fail("PyTorch is not installed (Debian: apt-get install python3-torch)")
    try:
        content = torch.load(options.old, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # PyTorch's own text goes on to recommend loading it unrestricted, which runs what it holds.
        return fail(f"{options.old} is refused: {str(error).split('WeightsUnpickler error: ')[-1]}")
    except (OSError, RuntimeError, EOFError) as error:
        return fail(f"{options.old}: {error}")
    problem = check(content)
    if problem:
        return fail(f"{options.old}: {problem}, which is not converted")
    partial = f"{options.new}.partial"
    try:
        torch.save(content, partial)
        os.rename(partial, options.new)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    return 0


if __name__ == "__main__":
    sys.exit(main())
