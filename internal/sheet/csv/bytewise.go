package csv

// splitBytewise does what split does, byte by byte, where quotes aren't as in RFC 4180. It is used
// until the end of the irregular block.
func (s *scanner) splitBytewise(data []byte, from int, last bool) int {
	s.cells, s.quoted, s.tails, s.breaks = s.cells[:0], s.quoted[:0], 0, 0
	s.bytewise = max(s.bytewise, s.marks.block+blockSize)
	s.width, s.start = 0, from
	for i := from; i < len(data); i++ {
		c := data[i]
		if c == '"' && i == s.start {
			i = s.skipQuoted(data, i)
			if s.open {
				return 0
			}
			if i == len(data) {
				break
			}
			c = data[i]
		}
		if c != s.marks.delimiter && c != '\n' && c != '\r' {
			continue
		}
		if c == '\r' && i+1 == len(data) && !last { // an LF may come next
			s.start = i
			return 0
		}
		s.addRaw(data[s.start:i:i])
		s.start = i + 1
		if c == s.marks.delimiter {
			continue
		}
		if i == from {
			s.width = 0
		}
		if c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
		}
		return s.resume(data, i+1)
	}
	if !last || from == len(data) {
		return 0
	}
	s.addRaw(data[s.start:len(data):len(data)])
	return s.resume(data, len(data))
}

func (s *scanner) skipQuoted(data []byte, i int) int {
	end := closingQuote(data[i:])
	s.open = end < 0
	return i + end + 1
}

// closingQuote returns the offset of the quote that closes the one that raw begins with; -1 if
// there is none.
func closingQuote(raw []byte) int {
	for i := 1; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		if i+1 == len(raw) || raw[i+1] != '"' {
			return i
		}
		i++
	}
	return -1
}

func (s *scanner) addRaw(raw []byte) {
	col := s.width
	s.width++
	switch {
	case len(raw) == 0:
	case raw[0] != '"':
		s.add(col, raw)
	default:
		if closingQuote(raw) < len(raw)-1 {
			s.tails++
		}
		s.addQuoted(col, raw)
	}
}

func (s *scanner) resume(data []byte, end int) int {
	if end >= s.bytewise {
		s.seek(data, end)
	}
	return end
}

// unquote returns the value of a field that begins with a quote, in place, and counts the line
// breaks in its quotes. A CRLF there becomes LF.
func unquote(raw []byte) (text []byte, breaks int) {
	out, i := 0, 1
	for ; i < len(raw); i++ {
		c := raw[i]
		if c <= '"' {
			switch c {
			case '"':
				if i++; i == len(raw) || raw[i] != '"' {
					out += copy(raw[out:], raw[i:]) // the text after the closing quote
					return raw[:out:out], breaks
				}
			case '\n':
				breaks++
			case '\r':
				if raw[i+1] == '\n' {
					continue
				}
				breaks++
			}
		}
		raw[out] = c
		out++
	}
	return raw[:out:out], breaks
}
