// Answers with what Go's own packages make of YAML texts and of CLM's template functions: one JSON object per line in,
// one per line out.
//
//go:debug urlstrictcolons=0
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	// yaml, strings or template.
	Kind string `json:"kind"`
	// Base64.
	Text string `json:"text"`
}

type answer struct {
	// Base64: a template's output.
	Output *string `json:"output,omitempty"`
	// The documents of a YAML text.
	Values []any `json:"values,omitempty"`
	// The same once they went through yaml.v3, as manifests do.
	Remarshalled []any `json:"remarshalled,omitempty"`
	// A YAML text as a map of strings.
	Strings map[string]string `json:"strings,omitempty"`
	// Base64.
	Error *string `json:"error,omitempty"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func encoded(text string) *string {
	out := base64.StdEncoding.EncodeToString([]byte(text))
	return &out
}

func serve(r request, text string) (a answer) {
	defer func() {
		if caught := recover(); caught != nil {
			a = answer{Error: encoded(fmt.Sprintf("panic: %v", caught))}
		}
	}()
	var err error
	switch r.Kind {
	case "yaml":
		a.Values, err = documents(text)
		a.Remarshalled = remarshalled(text)
	case "strings":
		a.Strings, err = stringMap(text)
	case "template":
		var output string
		output, err = render(text)
		a.Output = encoded(output)
	default:
		panic("unknown kind " + r.Kind)
	}
	if err != nil {
		return answer{Error: encoded(err.Error())}
	}
	return a
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		check(json.Unmarshal(line, &r))
		text, err := base64.StdEncoding.DecodeString(r.Text)
		check(err)
		reply, err := json.Marshal(serve(r, string(text)))
		check(err)
		out.Write(append(reply, '\n'))
		check(out.Flush())
	}
}
