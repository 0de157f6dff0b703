package sync_test

// One thread of wasm: fewer runs there too.
const short = true
