package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// errForbidden marks an address that a webhook must not reach.
var errForbidden = errors.New("address not allowed")

// never lists what no receiver can have: addresses by which clouds hand out credentials
// and addresses that name no host. IPv4 within IPv6 is unpacked before.
var never = prefixes(
	"0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128",
	"64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32",
)

// private lists what is inside: this machine and its networks.
var private = prefixes(
	"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15",
	"::1/128", "fc00::/7",
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func within(addr netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// guard returns a net.Dialer.Control that looks at the very address that is dialled, so
// that a name which resolves differently the second time gains nothing (SSRF).
func guard(allowPrivate bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", errForbidden, address)
		}
		addr, err := netip.ParseAddr(host)
		if err != nil {
			return fmt.Errorf("%w: %s", errForbidden, address)
		}
		addr = addr.Unmap().WithZone("")
		if within(addr, never) {
			return fmt.Errorf("%w: %s names no receiver", errForbidden, addr)
		}
		if !allowPrivate && within(addr, private) {
			return fmt.Errorf("%w: %s is inside this network; allow private addresses in the configuration if the receiver is there", errForbidden, addr)
		}
		return nil
	}
}
