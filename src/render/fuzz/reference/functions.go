package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"fairway.example/render-reference/provisioner"
	"k8s.io/apimachinery/pkg/api/resource"
)

var functions = template.FuncMap{
	"base64":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64Decode": func(s string) (string, error) { return text(base64.StdEncoding.DecodeString(s)) },
	"sha256":       func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) },
	"hasPrefix":    strings.HasPrefix,
	"hasSuffix":    strings.HasSuffix,
	"awsValidID":   func(s string) string { return strings.ReplaceAll(s, ":", "__") },
	"azID":         func(s string) string { return s[strings.LastIndexByte(s, '-')+1:] },
	"accountID": func(s string) (string, error) {
		if strings.Count(s, ":") != 1 {
			return "", fmt.Errorf("invalid account (expected type:id): %s", s)
		}
		return s[strings.IndexByte(s, ':')+1:], nil
	},
	"getAWSAccountID": func(s string) string { return strings.Split(s, ":")[1] },
	"split": func(s, by string) []string {
		if len(s) == 0 {
			return nil
		}
		return strings.Split(s, by)
	},
	"join": join,
	"indent": func(n int, s string) string {
		pad := strings.Repeat(" ", n)
		return pad + strings.ReplaceAll(s, "\n", "\n"+pad)
	},
	"append": func(to []string, more ...string) []string { return append(to, more...) },
	"list":   func(items ...any) []any { return items },
	"dict":   dict,
	"mountUnitName": func(s string) (string, error) {
		rest, found := strings.CutPrefix(s, "/")
		if !found {
			return "", fmt.Errorf("not an absolute path: %s", s)
		}
		return strings.ReplaceAll(rest, "/", "-"), nil
	},
	"asgSize": func(size int64, groups int) (int, error) {
		if int(size)%groups != 0 {
			return 0, fmt.Errorf("pool size must be an exact multiple of %d", groups)
		}
		return int(size) / groups, nil
	},
	"splitHostPort": func(s string) (provisioner.HostPort, error) {
		host, port, err := net.SplitHostPort(s)
		return provisioner.HostPort{Host: host, Port: port}, err
	},
	"portRanges":           portRanges,
	"sgIngressRanges":      ingressRanges,
	"extractEndpointHosts": endpointHosts,
	"nthAddressFromCIDR":   nthAddress,
	"stupsNATSubnets":      natSubnets,
	"parseInt64":           func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) },
	"indexedList": func(item string, n int64) (string, error) {
		if n < 0 {
			return "", fmt.Errorf("expecting non-negative integer, got: %d", n)
		}
		var items []string
		for i := range n {
			items = append(items, strings.ReplaceAll(item, "$", strconv.FormatInt(i, 10)))
		}
		return strings.Join(items, ","), nil
	},
	"nodeCIDRMaxNodes":          func(mask, reserved int64) (int64, error) { return maxNodes(16, mask, reserved) },
	"nodeCIDRMaxNodesPodCIDR":   maxNodes,
	"nodeCIDRMaxPods":           maxPods,
	"sumQuantities":             sumQuantities,
	"scaleQuantity":             scaleQuantity,
	"kubernetesSizeToKiloBytes": kiloBytes,
	"publicKey":                 publicKey,
	"certificateExpiry":         certificateExpiry,
	"generateJWKSDocument":      keySet,
	"generateOIDCDiscoveryDocument": func(issuer string) (string, error) {
		return indented(struct {
			Issuer   string   `json:"issuer"`
			Endpoint string   `json:"authorization_endpoint"`
			Keys     string   `json:"jwks_uri"`
			Types    []string `json:"response_types_supported"`
			Subjects []string `json:"subject_types_supported"`
			Algs     []string `json:"id_token_signing_alg_values_supported"`
			Claims   []string `json:"claims_supported"`
		}{issuer, "urn:kubernetes:programmatic_authorization", issuer + "/openid-configuration/keys.json",
			[]string{"id_token"}, []string{"public"}, []string{"RS256"}, []string{"sub", "iss"}})
	},
}

func text(b []byte, err error) (string, error) { return string(b), err }

func join(separator string, list any) string {
	if list == nil {
		return ""
	}
	value := reflect.ValueOf(list)
	if value.Kind() != reflect.Slice {
		return fmt.Sprint(list)
	}
	var texts []string
	for i := range value.Len() {
		if item := value.Index(i).Interface(); item != nil {
			texts = append(texts, fmt.Sprintf("%v", item))
		}
	}
	return strings.Join(texts, separator)
}

func dict(args ...any) (map[string]any, error) {
	if len(args) == 0 || len(args)%2 == 1 {
		return nil, fmt.Errorf("dict: invalid number of arguments: %d", len(args))
	}
	result := map[string]any{}
	for i, pair := range slices.Collect(slices.Chunk(args, 2)) {
		key, isString := pair[0].(string)
		if !isString {
			return nil, fmt.Errorf("dict: key argument %d must be string", 2*i)
		}
		if _, known := result[key]; known {
			return nil, fmt.Errorf("dict: duplicate key %s", key)
		}
		result[key] = pair[1]
	}
	return result, nil
}

func ports(from, to, input string) (r provisioner.PortRange, err error) {
	if r.FromPort, err = strconv.Atoi(from); err != nil {
		return r, fmt.Errorf("invalid start port: %s in input: %s", from, input)
	}
	if r.ToPort, err = strconv.Atoi(to); err != nil {
		return r, fmt.Errorf("invalid end port: %s in input: %s", to, input)
	}
	if r.FromPort < 0 || r.FromPort > r.ToPort || r.ToPort > math.MaxUint16 {
		return r, fmt.Errorf("port range %d-%d is invalid", r.FromPort, r.ToPort)
	}
	return r, nil
}

func portRanges(input string) (all []provisioner.PortRange, err error) {
	for part := range strings.SplitSeq(input, ",") {
		from, to, found := strings.Cut(part, "-")
		if !found || strings.Contains(to, "-") {
			return nil, fmt.Errorf("invalid input for portRange: %s", input)
		}
		r, err := ports(from, to, input)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func ingressRanges(input string) (all []provisioner.SGIngressRange, err error) {
	for part := range strings.SplitSeq(input, ",") {
		fields := strings.Split(part, ":")
		if len(fields) == 2 {
			fields = append([]string{"tcp"}, fields...)
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("invalid input for sgIngressRanges: %s", input)
		}
		if fields[0] != "tcp" && fields[0] != "udp" {
			return nil, fmt.Errorf("invalid protocol '%s' only 'tcp' or 'udp' supported: %s", fields[0], input)
		}
		_, network, err := net.ParseCIDR(fields[1])
		if err != nil {
			return nil, err
		}
		from, to, found := strings.Cut(fields[2], "-")
		if !found {
			to = from
		}
		if strings.Contains(to, "-") {
			return nil, fmt.Errorf("invalid input for sgIngressRanges: %s", input)
		}
		r, err := ports(from, to, input)
		if err != nil {
			return nil, err
		}
		all = append(all, provisioner.SGIngressRange{CIDR: network.String(), FromPort: r.FromPort, ToPort: r.ToPort, Protocol: fields[0]})
	}
	return all, nil
}

func endpointHosts(input string) (hosts []string, err error) {
	for endpoint := range strings.SplitSeq(input, ",") {
		if !strings.HasPrefix(endpoint, "http") {
			endpoint = "http://" + endpoint
		}
		parsed, err := url.Parse(endpoint)
		if err != nil {
			return nil, fmt.Errorf("unable to parse endpoint '%s': %v", endpoint, err)
		}
		hosts = append(hosts, parsed.Hostname())
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), nil
}

func nthAddress(cidr string, n int) (string, error) {
	_, network, err := net.ParseCIDR(cidr)
	if err != nil {
		return "", err
	}
	address := slices.Clone(network.IP)
	address[len(address)-1] += byte(max(n, 0))
	return address.String(), nil
}

func natSubnets(cidr string) ([]string, error) {
	_, network, err := net.ParseCIDR(cidr)
	if err != nil {
		return nil, err
	}
	ones, bits := network.Mask.Size()
	if ones < 1 || ones > 24 {
		return nil, fmt.Errorf("invalid subnet, expecting at least /24: %s", network)
	}
	if bits != 32 {
		return nil, fmt.Errorf("only ipv4 subnets are supported, got %s", network)
	}
	at := new(big.Int).SetBytes(network.IP)
	at.Add(at, big.NewInt(1<<(30-ones)))
	var subnets []string
	for range 3 {
		address, _ := netip.AddrFromSlice(at.FillBytes(make([]byte, 4)))
		subnets = append(subnets, netip.PrefixFrom(address, 28).String())
		at.Add(at, big.NewInt(16))
	}
	return subnets, nil
}

func checkMask(mask int64) error {
	if mask < 24 || mask > 28 {
		return fmt.Errorf("invalid value for maskSize: %d", mask)
	}
	return nil
}

func maxNodes(podMask, mask, reserved int64) (int64, error) {
	if podMask < 14 || podMask > 16 {
		return 0, fmt.Errorf("invalid for podCIDRMaskSize: %d", podMask)
	}
	if err := checkMask(mask); err != nil {
		return 0, err
	}
	return 1<<(mask-podMask) - reserved, nil
}

func maxPods(mask, extra int64) (int64, error) {
	if err := checkMask(mask); err != nil {
		return 0, err
	}
	return min(110, 1<<(31-mask)+extra), nil
}

func sumQuantities(texts ...string) (string, error) {
	total := &resource.Quantity{}
	for _, text := range texts {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return "", err
		}
		total.Add(quantity)
	}
	return total.String(), nil
}

func scaleQuantity(text string, by float32) (string, error) {
	if by <= 0 {
		return "", errors.New("scaling factor must be greater than 0.0")
	}
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return "", fmt.Errorf("failed to parse %s as k8sresource.Quantity: %v", text, err)
	}
	whole := quantity.Value()
	if quantity.Format == resource.DecimalSI && whole < 1024 {
		quantity.SetMilli(int64(by * float32(quantity.MilliValue())))
	} else {
		quantity.Set(int64(by * float32(whole)))
	}
	return quantity.String(), nil
}

func kiloBytes(text string, by float64) (string, error) {
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return "", err
	}
	bytes, isWhole := quantity.AsInt64()
	if !isWhole {
		return "", fmt.Errorf("unexpected size for quantity: %s", text)
	}
	return strconv.Itoa(int(math.Ceil(float64(bytes)/1024*by))) + "KB", nil
}

func pemBytes(text, otherwise string) ([]byte, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New(otherwise)
	}
	return block.Bytes, nil
}

func publicKey(text string) (string, error) {
	der, err := pemBytes(text, "no PEM data found")
	if err != nil {
		return "", err
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return "", err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), err
}

func certificateExpiry(text string) (string, error) {
	der, err := pemBytes(text, "no PEM data found")
	if err != nil {
		return "", err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return "", err
	}
	return certificate.NotAfter.UTC().Format(time.RFC3339), nil
}

func keySet(text string) (string, error) {
	der, err := pemBytes(text, "Error decoding serviceAccountKey")
	if err != nil {
		return "", err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return "", fmt.Errorf("failed to parse public key: %v", err)
	}
	key, isRSA := parsed.(*rsa.PublicKey)
	if !isRSA {
		return "", errors.New("Public key was not RSA")
	}
	public, err := x509.MarshalPKIXPublicKey(key)
	check(err)
	id := sha256.Sum256(public)
	inURL := base64.RawURLEncoding.EncodeToString
	keys := make([]map[string]string, 2)
	for i, kid := range []string{inURL(id[:]), ""} {
		e := inURL(big.NewInt(int64(key.E)).Bytes())
		keys[i] = map[string]string{"alg": "RS256", "e": e, "kid": kid, "kty": "RSA", "n": inURL(key.N.Bytes()), "use": "sig"}
	}
	return indented(map[string]any{"keys": keys})
}

func indented(document any) (string, error) {
	return text(json.MarshalIndent(document, "", "    "))
}

func render(source string) (string, error) {
	parsed, err := template.New("f.yaml").Option("missingkey=error").Funcs(functions).Parse(source)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, nil)
	return out.String(), err
}
