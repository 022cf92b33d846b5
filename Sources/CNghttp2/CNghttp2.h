// SPDX-License-Identifier: Apache-2.0
// libnghttp2's one public header, found through pkg-config rather than by an absolute path.
// It is its own documentation: every call in HTTP2Session.swift is described there.
#include <nghttp2/nghttp2.h>
