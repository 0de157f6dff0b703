package relay

import "potli/relay/wire"

// Limits bound what strangers can make the relay do. Zero fields get the
// defaults; a Rate with a negative PerMinute has no limit.
type Limits struct {
	Data    Rate  // readers; default 300 a minute, 120 at once
	Control Rate  // owners; default 120 a minute, 60 at once
	Checks  int   // scrypt checks at the same time, 16 MiB each; default 2
	Waiting int   // requests that wait for a check, before 429; default 256
	Uploads int64 // bytes of uploads held in memory at once; default 256 MiB
	Sends   int64 // bytes of files being sent, held in memory at once; default 512 MiB
	Stored  int64 // bytes of ciphertext kept in all, about; default 16 GiB
	// Listeners is how many may wait for entries at the same time; default 4096.
	Listeners int
	// Creates is how many creations a minute, from everywhere, are calm; beyond,
	// and when more than half of Stored is used, each needs proof of work. Default
	// 600; negative: none ever does, which is also the default when Control has no
	// limit.
	Creates int
	// Networks is how many networks are told apart before the oldest counts are
	// forgotten; default 65,536.
	Networks int
}

// Rate is a number of requests of one network (IPv4 /24, IPv6 /64).
type Rate struct {
	PerMinute int
	Burst     int
}

func (l Limits) withDefaults() Limits {
	or := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	if l.Control.PerMinute < 0 {
		or(&l.Creates, -1)
	}
	or(&l.Creates, 600)
	or(&l.Data.PerMinute, 300)
	or(&l.Data.Burst, 120)
	or(&l.Control.PerMinute, 120)
	or(&l.Control.Burst, 60)
	or(&l.Checks, 2)
	or(&l.Waiting, 256)
	or(&l.Networks, 1<<16)
	or(&l.Listeners, 4096)
	orBytes := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	orBytes(&l.Uploads, 256<<20)
	orBytes(&l.Sends, 512<<20)
	orBytes(&l.Stored, 16<<30)
	l.Uploads, l.Sends = max(l.Uploads, maxUpload), max(l.Sends, PartSize)
	return l
}

// maxUpload is the largest body of the control plane: a file and its JSON.
const maxUpload = wire.MaxFile + 16<<10
