package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnsolicitedAnswer lets a server send a second answer, with the token and a customer's name in
// it, that nobody asked for. net/http logs the beginning of such an answer; none of it may be
// shown.
func TestUnsolicitedAnswer(t *testing.T) {
	const token, customer = "tok-5e2ef", "Ann Archer"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerTwice(conn, token+" "+customer)
		}
	}()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "orders.csv")
	rows := "order_number,order_date,order_status,channel_id,bill_to_name,ship_to_name,sku,quantity,unit_price\n" +
		"U-1,2025-09-01,pending,1," + customer + "," + customer + ",MUG,1,4.50\n"
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "import", file, "--yes", "--ledger", filepath.Join(dir, "ledger.db"), "--settle-wait", "1s",
		"--base-url", "http://"+l.Addr().String()+"/external/api/v1")
	c.Args[0], c.Dir = "ordersheet", dir
	c.Env = append(os.Environ(), "LUMINOUS_API_KEY="+token)
	out, _ := c.CombinedOutput() // that it fails is not the point
	for _, secret := range []string{token, customer, "Unsolicited response"} {
		if strings.Contains(string(out), secret) {
			t.Errorf("the output shows %q:\n%s", secret, out)
		}
	}
	if !strings.Contains(string(out), "plan: 1 sales order found") {
		t.Errorf("the program didn't come as far as sending:\n%s", out)
	}
}

// answerTwice answers each request on a connection with an empty page and one answer more.
func answerTwice(conn net.Conn, secret string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_ = req.Body.Close()
		body := `{"data":[],"meta":{"current_page":1,"last_page":1,"per_page":100,"total":0}}`
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		fmt.Fprintf(conn, "HTTP/1.1 200 %s\r\nContent-Length: 0\r\n\r\n", secret)
	}
}
