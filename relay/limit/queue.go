package limit

import "context"

// Queue lets a few computations run and a few more requests wait. Make one with
// NewQueue.
type Queue struct {
	run  chan struct{}
	wait chan struct{}
}

// NewQueue lets run at the same time, and so many more wait.
func NewQueue(run, waiting int) *Queue {
	return &Queue{run: make(chan struct{}, run), wait: make(chan struct{}, run+waiting)}
}

// Enter returns false when the queue is full or the client has gone. After true
// the caller must Leave.
func (q *Queue) Enter(ctx context.Context) bool {
	select {
	case q.wait <- struct{}{}:
	default:
		return false
	}
	select {
	case q.run <- struct{}{}:
		return true
	case <-ctx.Done():
		<-q.wait
		return false
	}
}

// Leave makes room for the next.
func (q *Queue) Leave() {
	<-q.run
	<-q.wait
}
