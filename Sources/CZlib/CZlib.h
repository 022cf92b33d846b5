// SPDX-License-Identifier: Apache-2.0
// zlib's one public header, found through pkg-config rather than by an absolute path.
#include <zlib.h>
