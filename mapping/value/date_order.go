package value

// DateOrder is the order of day, month and year in dates written as text.
type DateOrder string

// The orders of dates.
const (
	DMY DateOrder = "DMY"
	MDY DateOrder = "MDY"
	YMD DateOrder = "YMD"
)
