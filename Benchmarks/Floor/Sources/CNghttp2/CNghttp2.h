// SPDX-License-Identifier: Apache-2.0
// libnghttp2's one public header, found through pkg-config: the floor stands on the same library as CatenaGRPC, and on nothing of ours.
#include <nghttp2/nghttp2.h>
