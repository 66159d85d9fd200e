// Package provisioner has the types that templates see, under the names that CLM's have.
package provisioner

// HostPort is an address's two parts.
type HostPort struct{ Host, Port string }

// PortRange is 1-2.
type PortRange struct{ FromPort, ToPort int }

// SGIngressRange is what a security group lets in.
type SGIngressRange struct {
	CIDR             string
	FromPort, ToPort int
	Protocol         string
}
