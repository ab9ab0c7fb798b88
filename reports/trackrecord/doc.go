// Package trackrecord owns the plan of a track record: which runs it is made of, and
// which of the promises that relays break are explained, by which line of their
// configuration and with which setting they are kept.
//
// It plays nothing and renders nothing, and it holds no figure: those come from
// finished runs. An explanation says why; whether it was seen, the runs say.
package trackrecord
