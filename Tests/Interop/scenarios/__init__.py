# SPDX-License-Identifier: Apache-2.0
"""What is asked of two implementations of gRPC, whichever of them is the client; a file for each subject."""

from . import compression, deadlines, endings, keepalive, sizes, statuses, streams, volume
