// SPDX-License-Identifier: Apache-2.0
// Metadata as scenarios write it: pairs in order, the values of names in -bin in hexadecimal. grpc-go keeps it in a map, so the
// order of different names is lost here.

package main

import (
	"encoding/hex"
	"sort"
	"strings"

	"google.golang.org/grpc/metadata"
)

func fromPairs(pairs [][2]string) metadata.MD {
	md := metadata.MD{}
	for _, pair := range pairs {
		value := pair[1]
		if strings.HasSuffix(pair[0], "-bin") {
			bytes, err := hex.DecodeString(value)
			if err != nil {
				fail(err)
			}
			value = string(bytes)
		}
		md.Append(pair[0], value)
	}
	return md
}

func toPairs(md metadata.MD) [][2]string {
	pairs := [][2]string{}
	for name, values := range md {
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				value = hex.EncodeToString([]byte(value))
			}
			pairs = append(pairs, [2]string{name, value})
		}
	}
	sort.SliceStable(pairs, func(i, j int) bool { return pairs[i][0] < pairs[j][0] })
	return pairs
}

// custom leaves out what grpc-go adds to the caller's own metadata.
func custom(md metadata.MD) metadata.MD {
	own := metadata.MD{}
	for name, values := range md {
		switch name {
		case ":authority", "content-type", "user-agent", "grpc-accept-encoding", "grpc-encoding":
		default:
			own[name] = values
		}
	}
	return own
}
