// Reads the benchmark's rendered manifests with the YAML package that Cluster Lifecycle Manager uses, for comparison.
// Input: {name: text} in the file named by the first argument. Output: {"decode", "roundTrip"}, in milliseconds.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"gopkg.in/yaml.v2"
)

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		panic(err)
	}
	decode, roundTrip := time.Duration(1<<62), time.Duration(1<<62)
	for round := 0; round < 10; round++ {
		start := time.Now()
		objects := decodeAll(texts)
		decode = min(decode, time.Since(start))
		for _, object := range objects {
			if _, err := yaml.Marshal(object); err != nil {
				panic(err)
			}
		}
		roundTrip = min(roundTrip, time.Since(start))
	}
	fmt.Printf("{\"decode\": %.2f, \"roundTrip\": %.2f}\n", milliseconds(decode), milliseconds(roundTrip))
}

func decodeAll(texts map[string]string) []any {
	var objects []any
	for _, text := range texts {
		decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
		for {
			var object any
			err := decoder.Decode(&object)
			if err == io.EOF {
				break
			}
			if err != nil {
				panic(err)
			}
			objects = append(objects, object)
		}
	}
	return objects
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Microseconds()) / 1000
}
