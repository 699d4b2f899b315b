//go:build tools

// Package tools pins the Gateway API, of which only the definitions in its files are used.
package tools

import _ "sigs.k8s.io/gateway-api/apis/v1"
