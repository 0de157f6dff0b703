package main

import (
	"context"
	"sync"
	"time"
)

// stop ends the service so that no answer is lost that somebody waits for:
//
//	/readyz says no      a balancer sends new readers elsewhere; all are still served,
//	                     and told to come on a new connection next time
//	-drain has passed    doors close; who waits for news is sent home
//	answers under way    finish, or are cut after stopTime
func (s *service) stop() {
	s.log.Info("draining", "for", s.drain.String())
	s.relay.Drain()
	close(s.draining)
	time.Sleep(s.drain)
	s.relay.EndLive()
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var stopping sync.WaitGroup
	for name, srv := range s.servers {
		stopping.Go(func() {
			if srv.Shutdown(ctx) != nil {
				s.log.Warn("answers were cut", "door", name)
				srv.Close()
			}
		})
	}
	stopping.Wait()
}

// poll wakes those who wait here for what another relay over the same database
// has taken. A failure needs no word of its own: the next readiness check says it.
func (s *service) poll(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.relay.Poll(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// purge erases what has ended, at once and then every minute. Expired links are
// refused without it; it is what makes their bytes go.
func (s *service) purge(ctx context.Context) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		if err := s.relay.Purge(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("erasing expired links failed, trying again in a minute", class(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
