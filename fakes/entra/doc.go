// Package entra owns a fake of Microsoft Entra ID's token endpoint, where a
// client of SMTP AUTH XOAUTH2 gets its access tokens: POST
// /{tenant}/oauth2/v2.0/token, its answers and refusals, and the ways in which
// it is known to fail. It can tell, too, whether a token is good, so that a fake
// submission endpoint can take it or refuse it.
//
// It must not know scenarios, relays or mail. It opens no listener, starts no
// process and logs nothing: what was asked and answered goes to Ended.
//
// Texts and codes marked S9, S52, S53 are from public documentation and logs
// (Microsoft's page on OAuth for IMAP, POP and SMTP; azure-sdk-for-python issue
// 14241; microsoft-authentication-library-for-dotnet issues 2855 and 3907);
// those marked "from memory" were in no text that could be checked.
package entra
