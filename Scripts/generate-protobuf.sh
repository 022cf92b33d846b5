#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes Sources/CatenaNSM/Generated from Protos/. The result is committed, so that a build needs neither protoc nor the plugin;
# run this after a change of Protos/ or of the swift-protobuf version, and commit what it changes.
#
# Needs protoc (Debian: protobuf-compiler). PROTOC_GEN_SWIFT names a ready plugin; without it the plugin is built from the
# swift-protobuf that Package.resolved pins, so that generated code and runtime always match.
set -eu
cd "$(dirname "$0")/.."

plugin="${PROTOC_GEN_SWIFT:-}"
if [ -z "$plugin" ]; then
    swift build --configuration release --scratch-path .build/protobuf --product protoc-gen-swift
    plugin="$(swift build --configuration release --scratch-path .build/protobuf --show-bin-path)/protoc-gen-swift"
fi

# Made aside and moved when complete: a failure leaves the committed code as it was.
made="$(mktemp -d)"
trap 'rm -rf "$made"' EXIT
protoc --proto_path=Protos --plugin=protoc-gen-swift="$plugin" \
    --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true --swift_out="$made" Protos/*.proto

output=Sources/CatenaNSM/Generated
mkdir -p "$output"
rm -f "$output"/*.pb.swift
mv "$made"/*.pb.swift "$output"/
echo "$(ls "$output"/*.pb.swift | wc -l) files made by protoc $(protoc --version | cut -d' ' -f2) and $("$plugin" --version)"
