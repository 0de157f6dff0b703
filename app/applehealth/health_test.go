package applehealth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"potli/app/applehealth"
	"potli/app/applehealth/healthtest"
	"potli/app/fhir"
)

const condition = `{"resourceType":"Condition","code":{"text":"Asthma"},"subject":{"display":"Asha Example"}}`

func archive(lines ...string) map[string]string {
	return map[string]string{
		"apple_health_export/export.xml":                            healthtest.XML("1952-03-04", lines...),
		"apple_health_export/export_cda.xml":                        `<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Health Data Export</title></ClinicalDocument>`,
		"apple_health_export/clinical-records/Condition-1.json":     condition,
		"apple_health_export/workout-routes/route_2024-06-11.gpx":   "<gpx/>",
		"apple_health_export/electrocardiograms/ecg_2024-06-11.csv": "x",
	}
}

func open(t testing.TB, files map[string]string) *applehealth.Export {
	t.Helper()
	b := healthtest.Zip(files)
	e, err := applehealth.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func look(t testing.TB, e *applehealth.Export) *applehealth.Vitals {
	t.Helper()
	v, err := e.Look(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestLook(t *testing.T) {
	e := open(t, archive(healthtest.Lines()...))
	if e.Clinical() != 1 || !e.HasDocument() || e.Measured() == 0 {
		t.Errorf("%d clinical, document %v, %d bytes", e.Clinical(), e.HasDocument(), e.Measured())
	}
	name, b, err := e.Record(0)
	if name != "Condition-1.json" || string(b) != condition || err != nil {
		t.Errorf("%s, %s, %v", name, b, err)
	}
	v := look(t, e)
	if v.Born != "1952-03-04" || v.Gender != "female" || v.Broken {
		t.Errorf("%+v", v)
	}
	var got strings.Builder
	for _, k := range v.Kinds() {
		fmt.Fprintf(&got, "%s %v\n", k, v.Years(k))
	}
	want := `blood-pressure [{2024 1} {2023 1}]
weight [{2024 1} {2023 1}]
height [{2024 1} {2023 1}]
temperature [{2024 1} {2023 1}]
oxygen [{2024 1} {2023 1}]
pulse [{2024 1}]
resting-pulse [{2024 1} {2023 1}]
glucose [{2024 1} {2023 1}]
breaths [{2024 1} {2023 1}]
peak-flow [{2024 1} {2023 1}]
steps [{2024 1} {2023 1}]
`
	if got.String() != want {
		t.Errorf("got\n%s", &got)
	}
}

// TestBundles: each kind is read by app/fhir as what it is.
func TestBundles(t *testing.T) {
	v := look(t, open(t, archive(healthtest.Lines()...)))
	for kind, want := range map[applehealth.Kind]string{
		applehealth.BloodPressure: "vital Blood pressure 2024-06-11T08:30:00+05:30 132/84 mm[Hg]",
		applehealth.Weight:        "vital Body weight 2024-06-11T08:30:00+05:30 61.5 kg",
		applehealth.Height:        "vital Body height 2024-06-11T08:30:00+05:30 158 cm",
		applehealth.Temperature:   "vital Body temperature 2024-06-11T08:30:00+05:30 37.2 Cel",
		applehealth.Oxygen:        "vital Oxygen saturation in Arterial blood 2024-06-11T08:30:00+05:30 97 %",
		applehealth.Pulse:         "vital Heart rate 2024-06-11T09:00:00+05:30 74.5 /min",
		applehealth.RestingPulse:  "vital Heart rate, resting 2024-06-11T08:30:00+05:30 64 /min",
		applehealth.Glucose:       "result Glucose in blood 2024-06-11T08:30:00+05:30 6.1 mmol/L",
		applehealth.Breaths:       "vital Respiratory rate 2024-06-11T08:30:00+05:30 15 /min",
		applehealth.PeakFlow:      "vital Maximum expiratory gas flow Respiratory system airway by Peak flow meter 2024-06-11T08:30:00+05:30 410 L/min",
		applehealth.Steps:         "result Number of steps in 24 hours 2024-06-11T08:30:00+05:30 4000 {steps}/d",
	} {
		b, n, err := v.Bundle(kind, "2024", nil, nil)
		if err != nil || n != 1 {
			t.Fatalf("%s: %d, %v", kind, n, err)
		}
		f, err := fhir.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		view := f.View(0)
		got := string(view.Kind) + " " + view.Title + " " + view.Date + " " + view.Detail[0].Text + " " + view.Detail[0].Unit
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", kind, got, want)
		}
		if !strings.Contains(string(b), "Asha’s Watch") {
			t.Errorf("%s does not say with what it was measured: %s", kind, b)
		}
	}
	b, _, _ := v.Bundle(applehealth.Pulse, "2024", nil, nil)
	for _, part := range []string{`"value":60`, `"value":89`, "minimum", "maximum"} {
		if !strings.Contains(string(b), part) {
			t.Errorf("a day of pulses has no %s: %s", part, b)
		}
	}
}

// TestAgain: the same export makes the same bytes; a later one adds only what is new.
func TestAgain(t *testing.T) {
	lines := healthtest.Lines()
	a, _, _ := look(t, open(t, archive(lines...))).Bundle(applehealth.Weight, "2024", nil, nil)
	b, _, _ := look(t, open(t, archive(lines...))).Bundle(applehealth.Weight, "2024", nil, nil)
	if !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	f, _ := fhir.Parse(a)
	known := map[string]bool{f.Entries[0].ID: true}
	later := look(t, open(t, archive(append(lines, healthtest.Record("BodyMass", "2024-06-12 07:00:00 +0530", "kg", "61"))...)))
	c, n, _ := later.Bundle(applehealth.Weight, "2024", known, nil)
	if n != 1 || strings.Contains(string(c), "61.5") {
		t.Errorf("%d: %s", n, c)
	}
	if d, n, _ := later.Bundle(applehealth.Weight, "2023", nil, nil); n != 1 || d == nil {
		t.Errorf("%d: %s", n, d)
	}
	f, _ = fhir.Parse(c)
	known[f.Entries[0].ID] = true
	if d, n, _ := later.Bundle(applehealth.Weight, "2024", known, nil); n != 0 || d != nil {
		t.Errorf("twice: %d, %s", n, d)
	}
}

// TestTheDayOfTheExport: a day that was not over is not summed up.
func TestTheDayOfTheExport(t *testing.T) {
	at := "2024-06-12 09:00:00 +0530"
	v := look(t, open(t, archive(healthtest.Record("StepCount", at, "count", "10"), healthtest.Record("BodyMass", at, "lb", "130"))))
	if got := fmt.Sprint(v.Kinds()); got != "[weight]" {
		t.Errorf("got %s", got)
	}
}

func TestOddities(t *testing.T) {
	at := "2024-06-11 08:30:00 +0530"
	v := look(t, open(t, archive(
		healthtest.Record("BodyMass", at, "kg", "heavy"), healthtest.Record("BodyMass", "yesterday", "kg", "60"), healthtest.Record("BodyMass", at, "kg", "1e400"),
		healthtest.Record("BodyMass", "2024-13-11 08:30:00 +0530", "kg", "60"), healthtest.Record("BloodPressureSystolic", at, "mmHg", "120"),
		healthtest.Record("BodyMass", at, "kg", "61.500000000000004"))))
	if got := fmt.Sprint(v.Kinds(), v.Years(applehealth.Weight)); got != "[weight] [{2024 1}]" {
		t.Errorf("got %s", got)
	}
	b, _, _ := v.Bundle(applehealth.Weight, "2024", nil, nil)
	if !strings.Contains(string(b), `"value":61.5}`) {
		t.Errorf("%s", b)
	}
}

func TestRefuse(t *testing.T) {
	health := healthtest.Zip(archive(healthtest.Lines()...))
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"no zip":    {[]byte("hello"), applehealth.ErrDamaged},
		"other zip": {healthtest.Zip(map[string]string{"a/b.txt": "x", "a/c.xml": "<x/>"}), applehealth.ErrNotHealth},
		"cut":       {health[:len(health)-100], applehealth.ErrDamaged},
		"empty":     {nil, applehealth.ErrDamaged},
	} {
		if _, err := applehealth.Open(bytes.NewReader(c.b), int64(len(c.b))); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := applehealth.Open(bytes.NewReader(health), 5<<30); !errors.Is(err, applehealth.ErrTooBig) {
		t.Errorf("long: %v", err)
	}
	gone := errors.New("the file was moved")
	if _, err := applehealth.Open(failing{gone}, 1000); !errors.Is(err, gone) {
		t.Errorf("the source's error: %v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// TestBroken: Apple's exports end early at times. What came before is good.
func TestBroken(t *testing.T) {
	files := archive(healthtest.Lines()...)
	x := files["apple_health_export/export.xml"]
	files["apple_health_export/export.xml"] = x[:len(x)-2000]
	if v := look(t, open(t, files)); !v.Broken || len(v.Years(applehealth.Weight)) != 2 {
		t.Errorf("%v, %v", v.Broken, v.Kinds())
	}
}

// TestHostile: paths are labels, a bomb does not unfold, a long list is refused.
func TestHostile(t *testing.T) {
	files := archive()
	files["../../clinical-records/../../etc/evil.json"] = condition
	files[`apple_health_export\clinical-records\win.json`] = condition
	files["apple_health_export/clinical-records/bomb.json"] = strings.Repeat(" ", applehealth.MaxFile+1)
	e := open(t, files)
	var names []string
	tooBig := 0
	for i := range e.Clinical() {
		name, _, err := e.Record(i)
		names = append(names, name)
		if errors.Is(err, applehealth.ErrTooBig) {
			tooBig++
		}
	}
	if got := strings.Join(names, " "); got != "evil.json Condition-1.json bomb.json win.json" || tooBig != 1 {
		t.Errorf("%s, %d too big", got, tooBig)
	}
	defer applehealth.LimitDays(100)()
	var lines []string
	for i := range 101 {
		lines = append(lines, healthtest.Record("BodyMass", "2024-06-11 08:30:00 +0530", fmt.Sprint("kg", i), "60"))
	}
	if v, err := open(t, archive(lines...)).Look(context.Background(), nil); !errors.Is(err, applehealth.ErrTooBig) {
		t.Errorf("%v, %v", v, err)
	}
}

// TestMemory: what a small archive unfolds to does not stay in memory: a unit, a
// device and a name of an attribute as long as a book are passed over or cut.
func TestMemory(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	const at = "2024-06-11 08:30:00 +0530"
	for name, line := range map[string]func(i int) string{
		"units": func(i int) string { return healthtest.Record("BodyMass", at, fmt.Sprint("kg", i, long), "60") },
		"devices": func(i int) string {
			return strings.Replace(healthtest.Record("BodyMass", at, "kg", fmt.Sprint(i)), "Asha", fmt.Sprint(i, long), 1)
		},
		"names": func(i int) string { return fmt.Sprint("<Record a", i, long, `="1"/>`) },
	} {
		t.Run(name, func(t *testing.T) {
			lines := []string{healthtest.Record("Height", at, "cm", "158")}
			for i := range 300 {
				lines = append(lines, line(i))
			}
			e := open(t, archive(lines...))
			lines = nil
			before := heap()
			v := look(t, e)
			if after := heap(); after > before+10<<20 {
				t.Errorf("%d bytes stay", after-before)
			}
			if len(v.Years(applehealth.Height)) != 1 || name == "units" && len(v.Kinds()) != 1 {
				t.Errorf("got %v", v.Kinds())
			}
			runtime.KeepAlive(e)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := int64(0)
	_, err := open(t, archive(healthtest.Lines()...)).Look(ctx, func(done, total int64) {
		if told = done; done > total {
			t.Errorf("%d of %d", done, total)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) || told == 0 {
		t.Errorf("%v, told of %d bytes", err, told)
	}
}

// FuzzOpen: no archive can do harm.
func FuzzOpen(f *testing.F) {
	f.Add(healthtest.Zip(archive(healthtest.Lines()...)))
	f.Add(healthtest.Zip(map[string]string{"apple_health_export/Exportar.xml": healthtest.XML("1952-03-04")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := applehealth.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for i := range min(e.Clinical(), 3) {
			e.Record(i)
		}
		e.Document()
		v, err := e.Look(context.Background(), nil)
		if err != nil {
			return
		}
		for _, k := range v.Kinds() {
			for _, y := range v.Years(k) {
				if out, n, err := v.Bundle(k, y.Year, nil, nil); err != nil || n == 0 {
					t.Fatalf("%s %v: %d, %v", k, y, n, err)
				} else if _, err := fhir.Parse(out); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			}
		}
	})
}

// BenchmarkLook reads a year of a watch.
func BenchmarkLook(b *testing.B) {
	var lines []string
	for i := range 100_000 {
		lines = append(lines, healthtest.Record("HeartRate", fmt.Sprintf("2024-%02d-%02d %02d:%02d:00 +0530", 1+i/10_000, 1+i/400%28, i/17%24, i%60), "count/min", fmt.Sprint(60+i%40)))
	}
	e := open(b, archive(lines...))
	b.SetBytes(e.Measured())
	for b.Loop() {
		look(b, e)
	}
}

var _ io.ReaderAt = failing{}
