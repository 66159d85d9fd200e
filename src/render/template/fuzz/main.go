// Renders templates with Go's own text/template: one JSON object per line in, one per line out.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"text/template"
)

// Item is a struct with fields of many types, and methods.
type Item struct {
	Name  string
	Count int64
	Level int32
	Kind  Kind
	Tags  []string
	Next  *Item
	Any   any
	Extra map[string]any
}

// Kind is a named string.
type Kind string

func (i Item) Double(n int) int { return 2 * n }
func (i Item) IsBig() bool      { return i.Count > 10 }
func (i Item) Greet(words ...string) (string, error) {
	if len(words) == 0 {
		return "", errors.New("nobody to greet")
	}
	return "hello " + words[0], nil
}
func (i Item) Scale(f float64, by int64) float64 { return f * float64(by) }
func (i Item) Self() *Item                       { return &i }

// Stamp prints itself.
type Stamp struct{ N int64 }

func (s Stamp) String() string { return fmt.Sprintf("stamp <%d>", s.N) }

type typed struct {
	T string          `json:"t"`
	V json.RawMessage `json:"v"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func decode[T any](raw json.RawMessage) (v T) {
	check(json.Unmarshal(raw, &v))
	return v
}

func bytesOf(raw json.RawMessage) string {
	b, err := base64.StdEncoding.DecodeString(decode[string](raw))
	check(err)
	return string(b)
}

func integer(raw json.RawMessage) int64 {
	n, err := strconv.ParseInt(decode[string](raw), 10, 64)
	check(err)
	return n
}

func float(raw json.RawMessage) float64 {
	f, err := strconv.ParseFloat(decode[string](raw), 64)
	check(err)
	return f
}

func value(t typed) any {
	switch t.T {
	case "nil":
		return nil
	case "bool":
		return decode[bool](t.V)
	case "int":
		return int(integer(t.V))
	case "int32":
		return int32(integer(t.V))
	case "int64":
		return integer(t.V)
	case "uint8":
		return uint8(integer(t.V))
	case "float32":
		return float32(float(t.V))
	case "float64":
		return float(t.V)
	case "string":
		return bytesOf(t.V)
	case "kind":
		return Kind(bytesOf(t.V))
	case "strings":
		return stringSlice(decode[[]typed](t.V))
	case "anys":
		return anySlice(decode[[]typed](t.V))
	case "stringmap", "anymap", "intmap":
		return mapOf(t.T, decode[[][2]typed](t.V))
	case "item":
		return *item(t.V)
	case "itemptr":
		return item(t.V)
	case "itemptrs":
		return itemSlice(decode[[]typed](t.V))
	case "stamp":
		return Stamp{integer(t.V)}
	case "stamps":
		return stampSlice(decode[[]typed](t.V))
	}
	panic("unknown type " + t.T)
}

func stringSlice(items []typed) []string {
	if items == nil {
		return nil
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = bytesOf(item.V)
	}
	return out
}

func itemSlice(items []typed) []*Item {
	out := make([]*Item, len(items))
	for i, t := range items {
		out[i] = item(t.V)
	}
	return out
}

func stampSlice(items []typed) []Stamp {
	out := make([]Stamp, len(items))
	for i, t := range items {
		out[i] = Stamp{integer(t.V)}
	}
	return out
}

func anySlice(items []typed) []any {
	if items == nil {
		return nil
	}
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = value(item)
	}
	return out
}

func mapOf(kind string, entries [][2]typed) any {
	anys, strs, ints := map[string]any{}, map[string]string{}, map[int]string{}
	for _, e := range entries {
		switch kind {
		case "anymap":
			anys[bytesOf(e[0].V)] = value(e[1])
		case "stringmap":
			strs[bytesOf(e[0].V)] = bytesOf(e[1].V)
		case "intmap":
			ints[int(integer(e[0].V))] = bytesOf(e[1].V)
		}
	}
	switch kind {
	case "anymap":
		return anys
	case "stringmap":
		return strs
	}
	return ints
}

func item(raw json.RawMessage) *Item {
	fields := decode[[]typed](raw)
	if fields == nil {
		return nil
	}
	next := value(fields[5]).(*Item)
	return &Item{value(fields[0]).(string), value(fields[1]).(int64), value(fields[2]).(int32), value(fields[3]).(Kind),
		value(fields[4]).([]string), next, value(fields[6]), value(fields[7]).(map[string]any)}
}

func render(source string, dot any) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	t, err := template.New("f.yaml").Option("missingkey=error").Parse(source)
	if err != nil {
		return "", err
	}
	var buffer bytes.Buffer
	err = t.Execute(&buffer, dot)
	return buffer.String(), err
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var request struct {
			Template string `json:"template"`
			Dot      typed  `json:"dot"`
		}
		check(json.Unmarshal(line, &request))
		source, err := base64.StdEncoding.DecodeString(request.Template)
		check(err)
		text, err := render(string(source), value(request.Dot))
		answer := map[string]string{"output": base64.StdEncoding.EncodeToString([]byte(text))}
		if err != nil {
			answer = map[string]string{"error": base64.StdEncoding.EncodeToString([]byte(err.Error()))}
		}
		encoded, err := json.Marshal(answer)
		check(err)
		out.Write(append(encoded, '\n'))
		check(out.Flush())
	}
}
