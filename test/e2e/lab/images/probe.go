// probe asks a DNS server at a fixed rate and tells what was lost, wrong or late, and when.
//
//	probe -server ADDRESS:PORT -rate N [-tcp N] [-sockets N] [-over tls|https -name NAME -ca FILE] [-for DURATION]
//	      NAME=ADDRESS... NAME=NXDOMAIN...
//
// Each question has a socket of its own, as a resolver's has, unless -sockets says how many all of them share. With -tcp N every
// N-th goes over TCP. ###### in a name is a number that counts up. None is repeated: what has no answer within -timeout is lost. It ends after -for, or with SIGINT, and waits
// for the answers that are still out. With -over each question has a connection over TLS, to a server that must have a certificate of
// that authority for that name; lines 'certificate N: serial, how often' say which were seen, in their order. The last line is 'sent=… answered=… lost=… wrong=… late=… worst_ms=… p50_ms=… p99_ms=…'.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var (
	server  = flag.String("server", "", "address and port")
	rate    = flag.Int("rate", 200, "questions per second")
	tcp     = flag.Int("tcp", 0, "every N-th over TCP")
	sockets = flag.Int("sockets", 0, "shared sockets")
	timeout = flag.Duration("timeout", 5*time.Second, "a question without an answer for so long is lost")
	slow    = flag.Duration("late", 500*time.Millisecond, "an answer that took so long is late")
	length  = flag.Duration("for", 10*time.Minute, "how long")
	over    = flag.String("over", "", "tls or https")
	name    = flag.String("name", "", "whom the certificate must be for")
	ca      = flag.String("ca", "", "who must have signed it")
)

const maxEvents = 200 // lines about single questions

type question struct {
	name, want string
	packet     []byte // its first two octets are the id's place
	number     int    // where ###### stands, or -1
}

func newQuestion(argument string) question {
	name, want, _ := strings.Cut(argument, "=")
	packet := []byte{0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		packet = append(append(packet, byte(len(label))), label...)
	}
	return question{name, want, append(packet, 0, 0, 1, 0, 1), strings.Index(string(packet), counter)}
}

const counter = "######"

var counted atomic.Uint32

func (q question) withID(id uint16) []byte {
	packet := append([]byte(nil), q.packet...)
	binary.BigEndian.PutUint16(packet, id)
	if q.number >= 0 {
		copy(packet[q.number:], fmt.Sprintf("%06d", counted.Add(1)%1000000))
	}
	return packet
}

var errShort = errors.New("cut short")

// skipName returns the offset behind the name at offset i.
func skipName(reply []byte, i int) (int, error) {
	for i < len(reply) {
		switch n := int(reply[i]); {
		case n == 0:
			return i + 1, nil
		case n >= 0xc0:
			return i + 2, nil
		default:
			i += n + 1
		}
	}
	return 0, errShort
}

// check says what is wrong with a reply: nothing, or the reason.
func (q question) check(reply []byte) error {
	if len(reply) < len(q.packet) || reply[2]&0x80 == 0 {
		return errShort
	}
	rcode, answers := reply[3]&15, int(binary.BigEndian.Uint16(reply[6:]))
	if q.want == "NXDOMAIN" {
		if rcode != 3 {
			return fmt.Errorf("rcode %d, not NXDOMAIN", rcode)
		}
		return nil
	}
	if rcode != 0 {
		return fmt.Errorf("rcode %d", rcode)
	}
	i := len(q.packet)
	for ; answers > 0; answers-- {
		end, err := skipName(reply, i)
		if err != nil || end+10 > len(reply) {
			return errShort
		}
		size := int(binary.BigEndian.Uint16(reply[end+8:]))
		if i = end + 10 + size; i > len(reply) {
			return errShort
		}
		if reply[end+1] == 1 && size == 4 {
			if got := net.IP(reply[end+10 : i]).String(); got != q.want {
				return fmt.Errorf("%s, not %s", got, q.want)
			}
			return nil
		}
	}
	return errors.New("no address")
}

type tally struct {
	sync.Mutex
	begin                             time.Time
	sent, answered, lost, wrong, late int
	times                             []time.Duration
	events                            int
}

func (t *tally) event(at time.Time, what string, q question, protocol string, detail any) {
	if t.events++; t.events <= maxEvents {
		fmt.Printf("%8.3f s  %s %s %s: %v\n", at.Sub(t.begin).Seconds(), what, protocol, q.name, detail)
	}
}

// add counts one question by what became of it.
func (t *tally) add(q question, protocol string, at time.Time, reply []byte, err error) {
	took := time.Since(at)
	t.Lock()
	defer t.Unlock()
	if err != nil {
		t.lost++
		t.event(at, "lost", q, protocol, err)
		return
	}
	t.answered++
	t.times = append(t.times, took)
	if err := q.check(reply); err != nil {
		t.wrong++
		t.event(at, "wrong", q, protocol, err)
	} else if took > *slow {
		t.late++
		t.event(at, "late", q, protocol, took.Round(time.Millisecond))
	}
}

func (t *tally) quantile(part float64) float64 {
	if len(t.times) == 0 {
		return 0
	}
	return float64(t.times[int(part*float64(len(t.times)-1))].Microseconds()) / 1000
}

func (t *tally) print() {
	t.Lock()
	defer t.Unlock()
	for i, serial := range seen.order {
		fmt.Printf("certificate %d: %s, %d times\n", i+1, serial, seen.count[serial])
	}
	sort.Slice(t.times, func(i, j int) bool { return t.times[i] < t.times[j] })
	fmt.Printf("sent=%d answered=%d lost=%d wrong=%d late=%d worst_ms=%.1f p50_ms=%.2f p99_ms=%.2f\n", t.sent, t.answered, t.lost,
		t.wrong, t.late, t.quantile(1), t.quantile(0.5), t.quantile(0.99))
}

// seen has the certificates that the server showed.
var seen struct {
	sync.Mutex
	order []string
	count map[string]int
}

var secure = &tls.Config{}

// prepare reads what connections over TLS need.
func prepare() error {
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return err
	}
	secure.ServerName, secure.RootCAs, seen.count = *name, x509.NewCertPool(), map[string]int{}
	if !secure.RootCAs.AppendCertsFromPEM(pem) {
		return errors.New("no certificate in " + *ca)
	}
	secure.VerifyConnection = func(state tls.ConnectionState) error {
		serial := state.PeerCertificates[0].SerialNumber.Text(16)
		seen.Lock()
		defer seen.Unlock()
		if seen.count[serial]++; seen.count[serial] == 1 {
			seen.order = append(seen.order, serial)
		}
		return nil
	}
	return nil
}

func exchangeHTTPS(packet []byte, deadline time.Time) ([]byte, error) {
	transport := &http.Transport{TLSClientConfig: secure.Clone(), ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, Timeout: time.Until(deadline)}
	response, err := client.Post("https://"+*server+"/dns-query", "application/dns-message", bytes.NewReader(packet))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		return nil, errors.New(response.Proto + " " + response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 4096))
}

func dial(protocol string, deadline time.Time) (net.Conn, error) {
	dialer := &net.Dialer{Deadline: deadline}
	if protocol == "tls" {
		return tls.DialWithDialer(dialer, "tcp", *server, secure)
	}
	return dialer.Dial(protocol, *server)
}

// exchange asks one question over a socket of its own.
func exchange(protocol string, packet []byte, deadline time.Time) ([]byte, error) {
	if protocol == "https" {
		return exchangeHTTPS(packet, deadline)
	}
	connection, err := dial(protocol, deadline)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	connection.SetDeadline(deadline)
	reply := make([]byte, 4096)
	if protocol != "udp" {
		if _, err = connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)); err != nil {
			return nil, err
		}
		if _, err = io.ReadFull(connection, reply[:2]); err != nil {
			return nil, err
		}
		n, err := io.ReadFull(connection, reply[:min(len(reply), int(binary.BigEndian.Uint16(reply)))])
		return reply[:n], err
	}
	if _, err = connection.Write(packet); err != nil {
		return nil, err
	}
	n, err := connection.Read(reply)
	if err == nil && (n < 2 || reply[0] != packet[0] || reply[1] != packet[1]) {
		err = errors.New("another's answer")
	}
	return reply[:n], err
}

// shared is a socket with many questions out at once, told apart by their ids.
type shared struct {
	sync.Mutex
	connection net.Conn
	next       uint16
	out        map[uint16]pending
}

type pending struct {
	q  question
	at time.Time
}

func newShared(t *tally, running *sync.WaitGroup) *shared {
	connection, err := net.Dial("udp", *server)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s := &shared{connection: connection, out: map[uint16]pending{}}
	go func() {
		reply := make([]byte, 4096)
		for {
			n, err := s.connection.Read(reply)
			if err != nil || n < 12 { // what a refused one means is seen when its time is up
				continue
			}
			s.Lock()
			p, known := s.out[binary.BigEndian.Uint16(reply)]
			delete(s.out, binary.BigEndian.Uint16(reply))
			s.Unlock()
			if known {
				t.add(p.q, "udp", p.at, reply[:n], nil)
				running.Done()
			}
		}
	}()
	return s
}

func (s *shared) ask(q question) {
	s.Lock()
	id := s.next
	s.next++
	s.out[id] = pending{q, time.Now()}
	s.Unlock()
	s.connection.Write(q.withID(id))
}

// expire counts as lost what is out for too long.
func (s *shared) expire(t *tally, running *sync.WaitGroup) {
	s.Lock()
	defer s.Unlock()
	for id, p := range s.out {
		if time.Since(p.at) > *timeout {
			delete(s.out, id)
			t.add(p.q, "udp", p.at, nil, os.ErrDeadlineExceeded)
			running.Done()
		}
	}
}

func main() {
	flag.Parse()
	questions := []question{}
	for _, argument := range flag.Args() {
		questions = append(questions, newQuestion(argument))
	}
	if len(questions) == 0 || *server == "" || *rate < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if *over != "" {
		if err := prepare(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	t, running := &tally{begin: time.Now()}, &sync.WaitGroup{}
	pool := []*shared{}
	for len(pool) < *sockets {
		pool = append(pool, newShared(t, running))
	}
	ticker := time.NewTicker(time.Millisecond)
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			for _, s := range pool {
				s.expire(t, running)
			}
		}
	}()
	for end := t.begin.Add(*length); ; {
		select {
		case <-stop:
			end = time.Now()
		case <-ticker.C:
		}
		if !time.Now().Before(end) {
			break
		}
		for due := int(time.Since(t.begin).Seconds() * float64(*rate)); t.sent < due; t.sent++ {
			q, protocol := questions[t.sent%len(questions)], "udp"
			running.Add(1)
			if len(pool) > 0 {
				pool[t.sent%len(pool)].ask(q)
				continue
			}
			if *over != "" {
				protocol = *over
			} else if *tcp > 0 && t.sent%*tcp == *tcp-1 {
				protocol = "tcp"
			}
			go func(id uint16) {
				defer running.Done()
				at := time.Now()
				reply, err := exchange(protocol, q.withID(id), at.Add(*timeout))
				t.add(q, protocol, at, reply, err)
			}(uint16(t.sent))
		}
	}
	running.Wait()
	t.print()
}
