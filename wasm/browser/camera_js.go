//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"

	"potli/app/scan"
)

// camera is one that is on. Whoever opened it stops it: a camera that stays on
// unseen is the worst a wallet can do to trust.
type camera struct {
	stream js.Value
	track  js.Value
	video  js.Value
}

// openCamera turns on the camera with an id, or for "" the one that looks away
// from the person. The browser may ask the person first, for as long as it
// likes; when ctx ends meanwhile, a camera that comes late is turned off at once.
func openCamera(ctx context.Context, id string) (*camera, error) {
	devices := global("navigator", "mediaDevices")
	if get(devices, "getUserMedia").Type() != js.TypeFunction {
		return nil, scan.ErrNoCamera
	}
	type outcome struct {
		stream js.Value
		err    error
	}
	came := make(chan outcome, 1)
	go func() {
		stream, err := promised(context.Background(), devices, "getUserMedia", wishes(id))
		came <- outcome{stream, err}
	}()
	select {
	case o := <-came:
		if o.err != nil {
			return nil, cameraError(o.err)
		}
		return newCamera(o.stream)
	case <-ctx.Done():
		go func() {
			if o := <-came; o.err == nil {
				stopTracks(o.stream)
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// wishes are constraints. None but the id is exact: a laptop has no rear camera.
func wishes(id string) map[string]any {
	video := map[string]any{
		"width":     map[string]any{"ideal": 1280},
		"height":    map[string]any{"ideal": 720},
		"frameRate": map[string]any{"ideal": 24},
	}
	if id == "" {
		video["facingMode"] = map[string]any{"ideal": "environment"}
	} else {
		video["deviceId"] = map[string]any{"exact": id}
	}
	return map[string]any{"audio": false, "video": video}
}

func newCamera(stream js.Value) (*camera, error) {
	tracks, err := call(stream, "getVideoTracks")
	if err != nil || integer(get(tracks, "length"), 0) == 0 {
		stopTracks(stream)
		return nil, scan.ErrNoCamera
	}
	return &camera{stream: stream, track: tracks.Index(0)}, nil
}

// cameraError says why there is no picture (W3C Media Capture and Streams, getUserMedia).
func cameraError(err error) error {
	switch {
	case named(err, "NotAllowedError", "SecurityError"):
		return scan.ErrRefused
	case named(err, "NotFoundError", "OverconstrainedError", "TypeError"):
		return scan.ErrNoCamera
	}
	return scan.ErrBusy
}

func stopTracks(stream js.Value) {
	tracks, err := call(stream, "getTracks")
	if err != nil {
		return
	}
	for i := range integer(get(tracks, "length"), 0) {
		call(tracks.Index(i), "stop")
	}
}

// stop turns the camera off, and its light with it.
func (c *camera) stop() {
	stopTracks(c.stream)
	if c.video.Truthy() && get(c.video, "srcObject").Equal(c.stream) {
		set(c.video, "srcObject", js.Null())
	}
}

// show plays the camera in a video element of the page.
func (c *camera) show(ctx context.Context, id string) error {
	c.video = element(id)
	if !c.video.Truthy() {
		return errors.New("no element for the camera")
	}
	set(c.video, "muted", true)
	set(c.video, "playsInline", true) // without it iOS fills the screen
	set(c.video, "srcObject", c.stream)
	if _, err := promised(ctx, c.video, "play"); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return scan.ErrBusy
	}
	return nil
}

// abilities says what else can be done with the camera.
func (c *camera) abilities(ctx context.Context) scan.Camera {
	can := scan.Camera{Next: c.next(ctx)}
	if abilities, err := call(c.track, "getCapabilities"); err == nil && get(abilities, "torch").Truthy() {
		can.Torch = func(on bool) error {
			_, err := promised(ctx, c.track, "applyConstraints", map[string]any{"advanced": []any{map[string]any{"torch": on}}})
			return err
		}
	}
	return can
}

// next is the id of the camera after this one, "" where there is one only.
func (c *camera) next(ctx context.Context) string {
	list, err := promised(ctx, global("navigator", "mediaDevices"), "enumerateDevices")
	if err != nil {
		return ""
	}
	settings, _ := call(c.track, "getSettings")
	current, at := text(get(settings, "deviceId")), -1
	var ids []string
	for i := range integer(get(list, "length"), 0) {
		device := list.Index(i)
		if id := text(get(device, "deviceId")); text(get(device, "kind")) == "videoinput" && id != "" {
			if id == current {
				at = len(ids)
			}
			ids = append(ids, id)
		}
	}
	if len(ids) < 2 {
		return ""
	}
	return ids[(at+1)%len(ids)]
}
