// Renders the benchmark's templates with Go's own text/template, for comparison.
// Input: {"files": {name: source}, "data": …} in the file named by the first argument. Output: {"milliseconds", "bytes"}.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"text/template"
	"time"
)

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var input struct {
		Files map[string]string
		Data  map[string]any
	}
	if err := json.Unmarshal(raw, &input); err != nil {
		panic(err)
	}
	best := time.Duration(1 << 62)
	size := 0
	for round := 0; round < 10; round++ {
		start := time.Now()
		size = 0
		for name, source := range input.Files {
			parsed, err := template.New(name).Option("missingkey=error").Parse(source)
			if err != nil {
				panic(err)
			}
			var out bytes.Buffer
			if err := parsed.Execute(&out, input.Data); err != nil {
				panic(err)
			}
			size += out.Len()
		}
		if took := time.Since(start); took < best {
			best = took
		}
	}
	fmt.Printf("{\"milliseconds\": %.2f, \"bytes\": %d}\n", float64(best.Microseconds())/1000, size)
}
