# SPDX-License-Identifier: Apache-2.0
"""What a peer can do to a server that no client needs to do; a file for each kind of harm, and one for peers that do none."""

from . import floods, headers, bombs, slow, windows, rules, harmless
