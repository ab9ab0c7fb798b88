package dnsfake_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
)

// Where mail for a tenant goes, without a socket.
func Example() {
	zone := dnsfake.NewZone()
	zone.AddMX("kaede.example", "mx.kaede.example", 0)
	zone.AddHost("mx.kaede.example", netip.MustParseAddr("127.25.1.1"))
	resolver := (&dnsfake.Server{Zone: zone}).Resolver()

	ctx := context.Background()
	mx, err := resolver.LookupMX(ctx, "Kaede.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	hosts, err := resolver.LookupHost(ctx, mx[0].Host)
	fmt.Println(mx[0].Host, hosts, err)
	_, err = resolver.LookupMX(ctx, "momiji.example")
	fmt.Println(err)
	// Output:
	// mx.kaede.example. [127.25.1.1] <nil>
	// lookup momiji.example on dnsfake: no such host
}
