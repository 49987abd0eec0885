package bwe

const (
	slot  = 50 * ms
	slots = 10
)

// meter measures what arrives by the receiver's clock, over half a second.
type meter struct {
	bytes [slots]int
	at    int64 // number of the newest slot
	from  int64 // and of the first ever
	begun bool
}

func (m *meter) add(n int, at int64) {
	s := at / slot
	switch {
	case !m.begun:
		m.begun, m.at, m.from = true, s, s
	case s > m.at:
		for i := m.at + 1; i <= min(s, m.at+slots); i++ {
			m.bytes[mod(i)] = 0
		}
		if s-m.at > slots {
			m.bytes = [slots]int{}
		}
		m.at = s
	case s <= m.at-slots:
		return
	}
	m.bytes[mod(s)] += n
}

func mod(i int64) int { return int((i%slots + slots) % slots) }

// recent is the rate over the last fifth of a second; 0 where too little came to tell, as on a path of less than 300 kbit/s: a
// few frames more or less would count for much.
func (m *meter) recent() float64 {
	const span, least = 4, 7500
	if !m.begun || m.at-m.from < span {
		return 0
	}
	sum := 0
	for i := m.at - span; i < m.at; i++ { // the newest is not over
		sum += m.bytes[mod(i)]
	}
	if sum < least {
		return 0
	}
	return float64(sum) * 8 * float64(second) / float64(span*slot)
}

// rate is in bits a second; 0 until a fifth of a second is measured.
func (m *meter) rate() float64 {
	if !m.begun {
		return 0
	}
	span := min(m.at-m.from+1, slots)
	if span < 4 {
		return 0
	}
	sum := 0
	for _, n := range m.bytes {
		sum += n
	}
	return float64(sum) * 8 * float64(second) / float64(span*slot)
}
