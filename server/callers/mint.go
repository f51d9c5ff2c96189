package callers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// keyPrefix identifies the key to people who find one, and to scanners for leaked keys.
const keyPrefix = "zhk_"

// Mint creates a key of 130 random bits, and its entry. The key itself is stored nowhere.
func Mint(entry Entry) (secret.Text, Entry) {
	key := secret.Text(keyPrefix + rand.Text())
	entry.Hash = HashOf(key)
	return key, entry
}

// HashOf is the hash that identifies a key.
func HashOf(key secret.Text) [sha256.Size]byte { return sha256.Sum256([]byte(key.Reveal())) }

// YAML is the entry as text for a keys file.
func (e Entry) YAML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "- name: %s\n", e.Name)
	switch {
	case e.Subject != "":
		fmt.Fprintf(&b, "  subject: %q\n", e.Subject)
	case e.Certificate != "":
		fmt.Fprintf(&b, "  certificate: %q\n", e.Certificate)
	default:
		fmt.Fprintf(&b, "  sha256: %q\n", hex.EncodeToString(e.Hash[:]))
	}
	if e.Weight != 0 && e.Weight != 1 {
		fmt.Fprintf(&b, "  weight: %s\n", decimal(e.Weight))
	}
	if !e.Expires.IsZero() {
		fmt.Fprintf(&b, "  expires: %s\n", e.Expires.Format(time.RFC3339))
	}
	if e.Rate != 0 || e.Paused {
		fmt.Fprintf(&b, "  rate: %s\n", decimal(e.Rate))
	}
	if e.Concurrent != 0 {
		fmt.Fprintf(&b, "  concurrent: %d\n", e.Concurrent)
	}
	if e.Daily != 0 {
		fmt.Fprintf(&b, "  daily: %d\n", e.Daily)
	}
	if e.AgentClass != "" {
		fmt.Fprintf(&b, "  agent_class: %s\n", e.AgentClass)
	}
	if e.Accounts != "" {
		fmt.Fprintf(&b, "  accounts: [%s]\n", strings.ReplaceAll(e.Accounts, ",", ", "))
	}
	if e.Admin {
		b.WriteString("  admin: true\n")
	}
	if len(e.APIs) > 0 {
		b.WriteString("  apis:\n" + e.APIs.yaml())
	}
	return b.String()
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }
