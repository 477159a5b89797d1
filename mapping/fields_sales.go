package mapping

var salesFields = []Field{}
var purchaseFields = []Field{}

func fieldByPath(kind Kind, path string) *Field { return nil }
