package cluster

import (
	"context"
	"fmt"
)

func topicKey(topic string) string { return "betang:talk:" + topic }

// Say is Talk's.
func (r *Redis) Say(ctx context.Context, topic string, body []byte) error {
	return r.c.Publish(ctx, topicKey(topic), body).Err()
}

// Hear is Talk's.
func (r *Redis) Hear(ctx context.Context, topic string) (<-chan []byte, error) {
	sub := r.c.Subscribe(ctx, topicKey(topic))
	if _, err := sub.Receive(ctx); err != nil { // what says that we are subscribed
		_ = sub.Close()
		return nil, fmt.Errorf("listen to %s: %w", topic, err)
	}
	ear := make(chan []byte, maxTalk)
	go func() {
		defer close(ear)
		defer sub.Close()
		heard := sub.Channel()
		for {
			select {
			case m, ok := <-heard:
				if !ok {
					return
				}
				select {
				case ear <- []byte(m.Payload):
				default:
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return ear, nil
}
