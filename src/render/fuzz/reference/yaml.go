package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"

	yaml2 "gopkg.in/yaml.v2"
	yaml3 "gopkg.in/yaml.v3"
)

const maxSafe = 1<<53 - 1

// described is a value in JSON that keeps what JSON can't say: {"m": [[key, value], …]} is a map, sorted by its keys'
// JSON; "big…" is an integer beyond 2^53.
func described(v any) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int:
		return integer(int64(v))
	case int64:
		return integer(v)
	case uint64:
		return "big" + strconv.FormatUint(v, 10)
	case float64:
		return float(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = described(item)
		}
		return items
	case map[any]any:
		entries := make([][2]any, 0, len(v))
		for key, item := range v {
			entries = append(entries, [2]any{jsonOf(described(key)), described(item)})
		}
		sort.Slice(entries, func(a, b int) bool { return entries[a][0].(string) < entries[b][0].(string) })
		return map[string]any{"m": entries}
	}
	panic(fmt.Sprintf("%T", v))
}

func jsonOf(v any) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(v))
	return string(bytes.TrimSuffix(buffer.Bytes(), []byte("\n")))
}

func integer(n int64) any {
	if n >= -maxSafe && n <= maxSafe {
		return n
	}
	return "big" + strconv.FormatInt(n, 10)
}

func float(f float64) any {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	case f == 0:
		return 0
	}
	return f
}

// decoded are the documents that aren't null, until the first error.
func decoded(text string) ([]any, error) {
	decoder := yaml2.NewDecoder(bytes.NewReader([]byte(text)))
	values := []any{}
	for {
		var value any
		err := decoder.Decode(&value)
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		if value != nil {
			values = append(values, value)
		}
	}
}

func documents(text string) ([]any, error) {
	values, err := decoded(text)
	for i, value := range values {
		values[i] = described(value)
	}
	return values, err
}

// remarshalled is what becomes of the documents when yaml.v2 writes, yaml.v3 reads and writes, and yaml.v2 reads them;
// nil where one of them stumbles over what the others wrote.
func remarshalled(text string) []any {
	values, err := decoded(text)
	if err != nil {
		return nil
	}
	results := []any{}
	for _, value := range values {
		first, err := yaml2.Marshal(value)
		if err != nil {
			return nil
		}
		var node any
		if err := yaml3.Unmarshal(first, &node); err != nil {
			return nil
		}
		second, err := yaml3.Marshal(node)
		if err != nil {
			return nil
		}
		again, err := documents(string(second))
		if err != nil {
			return nil
		}
		results = append(results, again...)
	}
	return results
}

func stringMap(text string) (map[string]string, error) {
	values := map[string]string{}
	return values, yaml2.Unmarshal([]byte(text), &values)
}
