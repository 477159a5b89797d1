package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// loop posts the bodies with nothing but net/http, to show what the client library alone leaves of what the server could take.
func loop(base string, bodies []byte, workers int) (float64, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: workers}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	lines := bytes.Split(bytes.TrimSpace(bodies), []byte("\n"))
	var next atomic.Int64
	var failed atomic.Value
	var group sync.WaitGroup
	start := time.Now()
	for range workers {
		group.Go(func() {
			for i := next.Add(1); i <= int64(len(lines)); i = next.Add(1) {
				if err := post(client, base+"/sales-orders", lines[i-1]); err != nil {
					failed.Store(err)
					return
				}
			}
		})
	}
	group.Wait()
	if err, ok := failed.Load().(error); ok {
		return 0, err
	}
	return float64(len(lines)) / time.Since(start).Seconds(), nil
}

func post(client *http.Client, url string, body []byte) error {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Authorization", "Bearer bench")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("the server answered %s", answer.Status)
	}
	return nil
}
