package signaling

import (
	"context"
	"time"
)

// homeWait is how long Elsewhere waits to hear of a home: it tells once a second.
const homeWait = 2500 * time.Millisecond

// Elsewhere is where the node that is the event's home is found, like "https://kotim.example"; "" if this one is, or none is known.
// All evidence comes together there.
func (h *Hub) Elsewhere(ctx context.Context) (page string, err error) {
	for end := h.srv.steady() + homeWait.Milliseconds(); ; {
		known := true
		err = h.call(ctx, func() {
			if page = ""; h.homeless() {
				page = h.homePage()
				known = page != "" || h.away.cut
			}
		})
		if err != nil || known || h.srv.steady() >= end {
			return page, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// homePage is where the home is found that was heard of last; "" if none was lately.
func (h *Hub) homePage() (page string) {
	for node, f := range h.away.far {
		if f.home && h.srv.steady()-f.at < farFor/2 {
			page = h.srv.cfg.Nodes.Page(node)
		}
	}
	return page
}
