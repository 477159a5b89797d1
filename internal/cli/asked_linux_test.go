package cli_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ordersheet/internal/cli"
	"ordersheet/internal/sandbox"
)

// terminal opens a pseudo terminal: what a person sees and types at, and the program's end of it.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

// asked runs an import at a terminal, types the answer to the question, and returns the exit
// code and all that was seen.
func asked(t *testing.T, box *sandbox.Sandbox, file, answer string) (code int, seen string) {
	t.Helper()
	server := httptest.NewServer(box)
	defer server.Close()
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("orders.csv", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	person, program := terminal(t)
	env := map[string]string{"LUMINOUS_BASE_URL": server.URL + sandbox.Prefix, "LUMINOUS_API_KEY": "x", "ORDERSHEET_LEDGER": filepath.Join(dir, "ledger.db")}
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Main(context.Background(), cli.Env{
			Args: []string{"orders.csv"}, Stdin: program, Stdout: io.Discard, Stderr: program, Getenv: func(name string) string { return env[name] },
		})
		_ = program.Close() // the person reads the end
	}()
	var all strings.Builder
	r := bufio.NewReader(person)
	for {
		b, err := r.ReadByte()
		if err != nil { // of a terminal that is no longer open
			return <-ended, all.String()
		}
		all.WriteByte(b)
		if strings.HasSuffix(all.String(), "[y/N] ") {
			if _, err := io.WriteString(person, answer); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// twoNew is a file with two new orders.
const twoNew = "order_number,order_date,order_status,channel_id,bill_to_name,ship_to_name,sku,quantity,unit_price\n" +
	"A-1,2025-09-01,pending,1,Ann,Ann,MUG-BLUE,1,4.50\nA-2,2025-09-01,pending,1,Ann,Ann,MUG-BLUE,1,4.50\n"

// A person at a terminal is shown the plan's counts and asked; only a yes sends anything.
func TestAsked(t *testing.T) {
	for _, c := range []struct {
		answer string
		code   cli.Code
		exist  int
	}{
		{"y\n", cli.OK, 2}, {"YES\n", cli.OK, 2}, {"n\n", cli.Usage, 0}, {"\n", cli.Usage, 0}, {"yellow\n", cli.Usage, 0}, {"\x04", cli.Usage, 0},
	} {
		t.Run(fmt.Sprintf("%q", c.answer), func(t *testing.T) {
			box, err := sandbox.New(sandbox.Config{AnySKU: true})
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			code, seen := asked(t, box, twoNew, c.answer)
			if code != int(c.code) {
				t.Errorf("exit code %d, want %d; seen:\n%s", code, c.code, seen)
			}
			if n := len(box.Orders("sales-orders")); n != c.exist {
				t.Errorf("%d orders exist, want %d", n, c.exist)
			}
			before, _, _ := strings.Cut(seen, "Create 2 sales orders in http://127.0.0.1:")
			if !strings.Contains(before, "plan: 2 sales orders found, 2 to create") {
				t.Errorf("the plan wasn't shown before the question; seen:\n%s", seen)
			}
			if c.exist == 0 && !strings.Contains(seen, "nothing was sent") {
				t.Errorf("it wasn't said that nothing was sent; seen:\n%s", seen)
			}
		})
	}
}

// The question says what would be done, in counts.
func TestAskedToChange(t *testing.T) {
	box, err := sandbox.New(sandbox.Config{AnySKU: true})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	for _, number := range []string{"A-1", "A-2"} {
		body := fmt.Sprintf(`{"channel_id":1,"company_id":1,"order_number":%q,"order_date":"2025-09-01","order_status":"pending","items":[{"sku":"X-1","quantity":1,"unit_price":2}]}`, number)
		if _, err := box.Create("sales-orders", []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	const file = "order_number,command,order_date,order_status,channel_id,bill_to_name,ship_to_name,sku,quantity,unit_price\n" +
		"A-1,update,,shipped,,,,,,\nA-2,cancel,,,,,,,,\nA-3,new,2025-09-01,pending,1,Ann,Ann,MUG-BLUE,1,4.50\nA-4,ignore,,,,,,,,\n"
	code, seen := asked(t, box, file, "n\n")
	if code != int(cli.Usage) || !strings.Contains(seen, "Create 1, update 1 and cancel 1 sales order in http://") {
		t.Errorf("exit code %d, want %d and the question; seen:\n%s", code, cli.Usage, seen)
	}
	if code, seen = asked(t, box, file, "y\n"); code != int(cli.OK) || !strings.Contains(seen, "= 1 created + 1 updated + 1 deleted + 1 skipped") {
		t.Errorf("exit code %d, want %d and all done; seen:\n%s", code, cli.OK, seen)
	}
}
