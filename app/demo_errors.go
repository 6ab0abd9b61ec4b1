// SPDX-License-Identifier: EUPL-1.2

package app

import "kontor/app/demo"

func init() {
	explain(demo.ErrListen, "app.error.demo-listen")
	explain(demo.ErrAddress, "app.error.demo-address")
}
