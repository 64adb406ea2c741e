package kafka

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/huiying/huiying/opinion"
)

// certificate makes an authority's own certificate for a name and for loopback.
func certificate(t *testing.T, name string) (cert tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	writePEM(t, certFile, "CERTIFICATE", der)
	writePEM(t, keyFile, "PRIVATE KEY", keyDER)
	if cert, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	return cert, certFile, keyFile
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The broker of these tests is kfake with TLS and passwords: no real authorisation,
// but the same handshakes.
func secureBroker(t *testing.T, mechanism string, clients *x509.CertPool) (brokers []string, caFile string) {
	t.Helper()
	cert, certFile, _ := certificate(t, "kafka.test")
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}}
	if clients != nil {
		cfg.ClientCAs, cfg.ClientAuth = clients, tls.RequireAndVerifyClientCert
	}
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.TLS(cfg)}
	if mechanism != "" {
		opts = append(opts, kfake.EnableSASL(), kfake.Superuser(mechanism, "huiying", "秘密 p=w,d"))
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs(), certFile
}

// useLog publishes and consumes, so that every kind of connection is made.
func useLog(t *testing.T, cfg Config) {
	t.Helper()
	l := openLog(t, cfg)
	mustPublish(t, l, opinion.TopicPosts, values(0, 20)...)
	consumeUntil(t, l, opinion.TopicPosts, "g", awaitCount(20))
	if _, err := l.Read(testContext(t), opinion.TopicPosts, 5); err != nil {
		t.Errorf("Read: %v", err)
	}
	if err := l.Ping(testContext(t)); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func TestTLSAndPasswords(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			brokers, ca := secureBroker(t, mechanism, nil)
			cfg := Config{Brokers: brokers, ReplicationFactor: 1, Partitions: 2,
				TLS:  TLS{Enabled: true, CAFile: ca, ServerName: "kafka.test"},
				SASL: SASL{Mechanism: mechanism, User: "huiying", Password: "秘密 p=w,d"}}
			useLog(t, cfg)
			cfg.SASL.Password = "wrong"
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			// kfake hangs up without a word; Kafka says why, see TestRefusedSettings.
			if _, err := Open(ctx, cfg, testLogger(t), nil); opinion.CodeOf(err) != opinion.CodeUnavailable {
				t.Errorf("Open with a wrong password = %v, want CodeUnavailable", err)
			}
		})
	}
}

func TestRefusedSettings(t *testing.T) {
	for _, c := range []struct {
		err     error
		setting string
	}{
		{kafkago.SASLAuthenticationFailed, "kafka.sasl.user and its password"},
		{kafkago.UnsupportedSASLMechanism, "kafka.sasl.mechanism"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "kafka.tls.ca_file or kafka.tls.server_name"},
		{kafkago.LeaderNotAvailable, ""},
		{io.ErrUnexpectedEOF, ""},
	} {
		setting, ok := refused(fmt.Errorf("ask for topics: %w", c.err))
		if setting != c.setting || ok != (c.setting != "") {
			t.Errorf("refused(%v) = %q, %t; want %q", c.err, setting, ok, c.setting)
		}
	}
}

func TestMutualTLS(t *testing.T) {
	_, certFile, keyFile := certificate(t, "huiying")
	pool := x509.NewCertPool()
	raw, err := os.ReadFile(certFile)
	if err != nil || !pool.AppendCertsFromPEM(raw) {
		t.Fatal("no client certificate", err)
	}
	brokers, ca := secureBroker(t, "", pool)
	cfg := Config{Brokers: brokers, ReplicationFactor: 1, Partitions: 2,
		TLS: TLS{Enabled: true, CAFile: ca, CertFile: certFile, KeyFile: keyFile}}
	useLog(t, cfg)
}

func TestWrongAuthorityOrName(t *testing.T) {
	brokers, ca := secureBroker(t, "", nil)
	_, otherCA, _ := certificate(t, "other.test")
	const setting = "kafka.tls.ca_file or kafka.tls.server_name"
	refusedAtOnce(t, Config{Brokers: brokers, TLS: TLS{Enabled: true, CAFile: otherCA}}, setting)
	refusedAtOnce(t, Config{Brokers: brokers, TLS: TLS{Enabled: true, CAFile: ca, ServerName: "elsewhere.test"}}, setting)
}

// refusedAtOnce asserts that Open names the setting, and does not wait for its context.
func refusedAtOnce(t *testing.T, cfg Config, setting string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := Open(ctx, cfg, testLogger(t), nil)
	var e *opinion.Error
	if opinion.CodeOf(err) != opinion.CodeInvalid || ctx.Err() != nil {
		t.Fatalf("Open = %v, want CodeInvalid at once", err)
	}
	if e = asError(err); e.Field != setting {
		t.Errorf("Open blames %q, want %q (%v)", e.Field, setting, err)
	}
}
