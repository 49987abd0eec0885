package main

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// sentLayer is one layer of a picture that is sent, or the one it has.
type sentLayer struct {
	rid     string // "": the picture has one layer
	track   *webrtc.TrackLocalStaticRTP
	source  pictures
	burst   int // packets that go together; 0: all of a frame
	pkt     *rtp.Packet
	wantKey atomic.Bool
	plis    atomic.Int64 // keyframe requests heard
}

// addPicture makes the tracks of a picture's layers, smallest first, all of one sender.
func addPicture(pc *webrtc.PeerConnection, stream string, layers []*sentLayer) (*webrtc.RTPSender, error) {
	var sender *webrtc.RTPSender
	for _, l := range layers {
		var named []func(*webrtc.TrackLocalStaticRTP)
		if l.rid != "" {
			named = append(named, webrtc.WithRTPStreamID(l.rid))
		}
		var err error
		l.track, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock}, "picture", stream, named...)
		if err != nil {
			return nil, err
		}
		l.pkt = &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32()}}
		if sender != nil {
			if err := sender.AddEncoding(l.track); err != nil {
				return nil, err
			}
			continue
		}
		// WHIP wants sendonly (RFC 9725 section 4.2).
		tr, err := pc.AddTransceiverFromTrack(l.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return nil, err
		}
		sender = tr.Sender()
	}
	return sender, nil
}

// listen takes keyframe requests until the sender ends.
func (l *sentLayer) listen(s *webrtc.RTPSender) {
	for {
		packets, _, err := s.ReadSimulcastRTCP(l.rid)
		if err != nil {
			return
		}
		heed(packets, &l.plis, &l.wantKey)
	}
}

// nameLayers marks the layers' packets as negotiated (RFC 8852), and gives the id of the loudness (RFC 6464), 0: none.
func nameLayers(pc *webrtc.PeerConnection, layers []*sentLayer) (level uint8) {
	for _, tr := range pc.GetTransceivers() {
		for _, ext := range tr.Sender().GetParameters().HeaderExtensions {
			if ext.URI == sdp.AudioLevelURI {
				level = uint8(ext.ID)
			}
			for _, l := range layers {
				switch {
				case tr.Kind() != webrtc.RTPCodecTypeVideo || l.rid == "":
				case ext.URI == sdp.SDESMidURI:
					_ = l.pkt.SetExtension(uint8(ext.ID), []byte(tr.Mid())) // short enough for any header
				case ext.URI == sdp.SDESRTPStreamIDURI:
					_ = l.pkt.SetExtension(uint8(ext.ID), []byte(l.rid))
				}
			}
		}
	}
	return level
}
