package ledger

// VerifyNote is verify, for the examples of others.
var VerifyNote = verify
