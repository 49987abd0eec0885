package sfu

import (
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// h264Profiles are the profile-level-ids that browsers and encoders offer: constrained baseline, baseline, main, high
// and constrained high. RFC 6184 section 8.2.2 wants the profile answered as offered; the level is free.
var h264Profiles = []string{"42e01f", "42001f", "4d001f", "64001f", "640c1f"}

// registerCodecs adds Opus, VP8 and H.264. The payload types are only our own names for them: an answer uses the offer's.
func registerCodecs(m *webrtc.MediaEngine, feedback []webrtc.RTCPFeedback, audio []webrtc.RTCPFeedback, modes []int) error {
	err := m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
			SDPFmtpLine: "minptime=10;useinbandfec=1", RTCPFeedback: audio,
		},
		PayloadType: 111,
	}, webrtc.RTPCodecTypeAudio)
	if err != nil {
		return err
	}
	pt := webrtc.PayloadType(35) // 35 to 63 and 96 to 127 are free for dynamic use beside RTCP (RFC 5761 section 4)
	video := func(mime, fmtp string) error {
		for _, c := range []webrtc.RTPCodecParameters{
			{RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: mime, ClockRate: 90000, SDPFmtpLine: fmtp, RTCPFeedback: feedback,
			}, PayloadType: pt},
			{RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", pt),
			}, PayloadType: pt + 1},
		} {
			if err := m.RegisterCodec(c, webrtc.RTPCodecTypeVideo); err != nil {
				return err
			}
		}
		pt += 2
		return nil
	}
	if err := video(webrtc.MimeTypeVP8, ""); err != nil {
		return err
	}
	for _, mode := range modes {
		for _, profile := range h264Profiles {
			line := fmt.Sprintf("level-asymmetry-allowed=1;packetization-mode=%d;profile-level-id=%s", mode, profile)
			if err := video(webrtc.MimeTypeH264, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// publisherMedia is what we take from publishers. Packetization mode 0 is taken too: what it allows is part of mode 1.
func publisherMedia() (*webrtc.MediaEngine, *interceptor.Registry, error) {
	m := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{
		{Type: "transport-cc"},
		{Type: "ccm", Parameter: "fir"},
		{Type: "nack"},
		{Type: "nack", Parameter: "pli"},
	}
	audio := []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}}
	if err := registerCodecs(m, feedback, audio, []int{1, 0}); err != nil {
		return nil, nil, err
	}
	// Voices with redundancy (RFC 2198), for who asks for them first: see reader.unwrap.
	err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111",
	}, PayloadType: 63}, webrtc.RTPCodecTypeAudio)
	if err != nil {
		return nil, nil, err
	}
	for _, ext := range []struct {
		uri          string
		audio, video bool
	}{
		{sdp.SDESMidURI, true, true},
		{sdp.SDESRTPStreamIDURI, false, true},
		{sdp.SDESRepairRTPStreamIDURI, false, true},
		{sdp.TransportCCURI, true, true},
		{sdp.ABSSendTimeURI, true, true},
		{sdp.AudioLevelURI, true, false},
	} {
		e := webrtc.RTPHeaderExtensionCapability{URI: ext.uri}
		for kind, on := range map[webrtc.RTPCodecType]bool{
			webrtc.RTPCodecTypeAudio: ext.audio, webrtc.RTPCodecTypeVideo: ext.video,
		} {
			if !on {
				continue
			}
			if err := m.RegisterHeaderExtension(e, kind); err != nil {
				return nil, nil, err
			}
		}
	}
	// TWCC, or Chromium stays at 300 kbit/s; receiver reports, or it takes the path for dead. NACK is ours (loss).
	r := &interceptor.Registry{}
	reports, err := report.NewReceiverInterceptor()
	if err != nil {
		return nil, nil, err
	}
	r.Add(reports)
	congestion, err := twcc.NewSenderInterceptor()
	if err != nil {
		return nil, nil, err
	}
	r.Add(congestion)
	return m, r, nil
}

// viewerMedia is what we send. No header extensions and no interceptors: a packet costs its SRTP and its send.
func viewerMedia() (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{
		{Type: "ccm", Parameter: "fir"},
		{Type: "nack"},
		{Type: "nack", Parameter: "pli"},
	}
	err := registerCodecs(m, feedback, []webrtc.RTCPFeedback{{Type: "nack"}}, []int{1})
	return m, err
}
