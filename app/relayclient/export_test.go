package relayclient

// For tests of what only Client calls.
var Solve = solve
