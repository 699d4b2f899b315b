//go:build tools

// Package tools pins kwok, which plays the nodes and their pods for the drills.
package tools

import _ "sigs.k8s.io/kwok/cmd/kwok"
