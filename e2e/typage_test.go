package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"potli/crypto/passkey"
	"potli/crypto/passkey/passkeytest"
)

// typage is what the peer says: the npm package age-encryption, with a passkey
// computed beside it.
type typage struct {
	Identity string
	Out      string
	Asked    []struct {
		RPID             string `json:"rpId"`
		UserVerification string
		Allow            []string
	}
}

var base64url = base64.RawURLEncoding

func askTypage(t *testing.T, args ...string) (typage, []byte) {
	t.Helper()
	var said typage
	if err := json.Unmarshal(peer(t, "typage.mjs", args...), &said); err != nil {
		t.Fatal(err)
	}
	out, err := base64url.DecodeString(said.Out)
	if err != nil {
		t.Fatal(err)
	}
	return said, out
}

// A file that our passkey sealed opens in typage, and the reverse.
func TestTypage(t *testing.T) {
	id, secret := []byte("the id of a passkey"), []byte("the secret of it")
	a := passkeytest.With(id, secret)
	c := a.Credential("wallet.example")
	keys := []byte(strings.Repeat("the keys of a device, ", 20))

	ours, err := passkey.Lock(t.Context(), a, c, keys)
	if err != nil {
		t.Fatal(err)
	}
	said, got := askTypage(t, "open", c.String(), base64url.EncodeToString(secret), base64url.EncodeToString(ours))
	if !bytes.Equal(got, keys) {
		t.Errorf("typage opened our file to %q", got)
	}
	if len(said.Asked) != 1 || said.Asked[0].RPID != c.RPID || len(said.Asked[0].Allow) != 1 || said.Asked[0].Allow[0] != base64url.EncodeToString(id) {
		t.Errorf("typage read our identity string as %+v", said.Asked)
	}

	_, theirs := askTypage(t, "seal", c.String(), base64url.EncodeToString(secret), base64url.EncodeToString(keys))
	if got, err := passkey.Unlock(t.Context(), a, c, theirs); err != nil || !bytes.Equal(got, keys) {
		t.Errorf("we opened typage's file to %q, %v", got, err)
	}

	said, _ = askTypage(t, "make", "wallet.example", base64url.EncodeToString(id), base64url.EncodeToString(secret))
	made, err := passkey.Parse(said.Identity)
	if err != nil || made.RPID != c.RPID || !bytes.Equal(made.ID, id) || strings.Join(made.Transports, " ") != "internal hybrid" {
		t.Errorf("we read typage's identity %s as %+v, %v", said.Identity, made, err)
	}
}

// The known answers of package passkey are typage's too.
func TestTypageKnownAnswer(t *testing.T) {
	const (
		identity = "AGE-PLUGIN-FIDO2PRF-1Q9GQQQGZQVZQ2PS8PQYS5ZCVP58Q7MNHV9KXCET59EJHSCTDWPKXTQTGD9H8GETJDESKC5TD4JE"
		stanza   = "age-encryption.org/fido2prf AAECAwQFBgcICQoLDA0ODw\nqWXTPFmeaU8B79X3KlM31ok3Ifjbzi8o6+ya8R+7IJs"
	)
	secret := sha256.Sum256([]byte("software authenticator secret"))
	said, fileKey := askTypage(t, "unwrap", identity, base64url.EncodeToString(secret[:]), base64url.EncodeToString([]byte(stanza)))
	if got := hex.EncodeToString(fileKey); got != "101112131415161718191a1b1c1d1e1f" {
		t.Errorf("typage unwraps the known stanza to %s", got)
	}
	if len(said.Asked) != 1 || said.Asked[0].RPID != "wallet.example" || said.Asked[0].UserVerification != "required" {
		t.Errorf("typage asked %+v", said.Asked)
	}
}
