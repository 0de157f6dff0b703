// Package healthtest makes Apple Health exports for tests.
package healthtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Zip makes an archive of files by name.
func Zip(files map[string]string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(files[name]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// Record is one line of export.xml: a type without Apple's prefix, a start, a unit and a value.
func Record(typ, start, unit, value string) string {
	return fmt.Sprintf(` <Record type="HKQuantityTypeIdentifier%s" sourceName="Asha&#8217;s Watch" sourceVersion="9" unit="%s" creationDate="%s" startDate="%s" endDate="%s" value="%s"/>`+"\n",
		typ, strings.ReplaceAll(unit, "<", "&lt;"), start, start, start, value)
}

// XML is an export.xml with these lines, as Apple writes it.
func XML(born string, lines ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12, don't rely on it -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
]>
<HealthData locale="en_IN">
 <ExportDate value="2024-06-12 20:00:00 +0530"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="` + born + `" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexFemale"/>
` + strings.Join(lines, "") + "</HealthData>\n"
}

// Lines are measurements of every kind, of two years: a pulse every few minutes,
// a blood pressure in both of its forms, steps of a phone and a watch.
func Lines() (lines []string) {
	for _, at := range []string{"2023-03-01 08:00:00 +0530", "2024-06-11 08:30:00 +0530"} {
		lines = append(lines,
			Record("BloodPressureSystolic", at, "mmHg", "132"), Record("BloodPressureDiastolic", at, "mmHg", "84"),
			` <Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="x" startDate="`+at+`" endDate="`+at+`">`+"\n",
			Record("BloodPressureSystolic", at, "mmHg", "132"), Record("BloodPressureDiastolic", at, "mmHg", "84"), " </Correlation>\n",
			Record("BodyMass", at, "kg", "61.5"), Record("Height", at, "cm", "158"), Record("BodyTemperature", at, "degC", "37.2"),
			Record("OxygenSaturation", at, "%", "0.97"), Record("RestingHeartRate", at, "count/min", "64"), Record("RespiratoryRate", at, "count/min", "15"),
			Record("BloodGlucose", at, "mmol<180.1558800000541>/L", "6.1"), Record("PeakExpiratoryFlowRate", at, "L/min", "410"),
			Record("StepCount", at, "count", "4000"),
			` <Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" startDate="`+at+`" endDate="`+at+`" value="3500"/>`+"\n",
			` <Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Watch" startDate="`+at+`" endDate="`+at+`" value="HKCategoryValueSleepAnalysisAsleep"/>`+"\n")
	}
	for i := range 30 {
		lines = append(lines, Record("HeartRate", fmt.Sprintf("2024-06-11 09:%02d:00 +0530", i), "count/min", fmt.Sprint(60+i)))
	}
	return lines
}
