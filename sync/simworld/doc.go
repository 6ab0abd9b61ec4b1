// SPDX-License-Identifier: EUPL-1.2

// Package simworld plays servers, clients and broken lines in memory, so that many thousands of histories can be tried
// against the decisions that the real programs make: those of sync/reconcile, app/mail, app/journal and sync/engine. Only
// tests use it.
package simworld
