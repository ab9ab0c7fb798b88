// Package health owns a fake of Microsoft Graph's service health API, where
// administrators look whether Exchange Online is well: health overviews, issues
// with their posts, and post-incident reports. It shows each incident as the
// provider told it, which is late, dated back, and wider with every post; and it
// can be down itself, because it needs the same sign-in and the same front doors
// as everything else.
//
// It must not know scenarios, relays or mail. It opens no listener, starts no
// process and logs nothing: what was asked and answered goes to Ended.
//
// Shapes and names are those of Microsoft's reference (S10:
// microsoft-graph-docs-contrib, servicehealthissue.md,
// serviceannouncement-list-issues.md, -list-healthoverviews.md,
// servicehealthissue-incidentreport.md). Its examples print PascalCase values
// where its schema, and live data, have camelCase; so has the fake.
package health
