// Renders the benchmark's templates with Go's own text/template, for comparison.
// Input: {"files": {name: source}, "data": …} in the file named by the first argument. Output: {"whole", "execution", "bytes"},
// the shortest of ten rounds in milliseconds: parsed and executed, and executed only.
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
	whole, execution := time.Duration(1<<62), time.Duration(1<<62)
	size := 0
	for round := 0; round < 10; round++ {
		start := time.Now()
		templates := parseAll(input.Files)
		parsed := time.Now()
		size = executeAll(templates, input.Data)
		whole = min(whole, time.Since(start))
		execution = min(execution, time.Since(parsed))
	}
	fmt.Printf("{\"whole\": %.2f, \"execution\": %.2f, \"bytes\": %d}\n", milliseconds(whole), milliseconds(execution), size)
}

func parseAll(files map[string]string) []*template.Template {
	var templates []*template.Template
	for name, source := range files {
		parsed, err := template.New(name).Option("missingkey=error").Parse(source)
		if err != nil {
			panic(err)
		}
		templates = append(templates, parsed)
	}
	return templates
}

func executeAll(templates []*template.Template, data any) int {
	size := 0
	for _, parsed := range templates {
		var out bytes.Buffer
		if err := parsed.Execute(&out, data); err != nil {
			panic(err)
		}
		size += out.Len()
	}
	return size
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Microseconds()) / 1000
}
