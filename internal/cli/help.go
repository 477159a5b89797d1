package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how long a line of help may be.
const helpWidth = 100

// The groups of commands, in the order in which help shows them.
var commandGroups = []*cobra.Group{
	{ID: "import", Title: "Import:"},
	{ID: "changes", Title: "Changes:"},
	{ID: "runs", Title: "Runs:"},
	{ID: "export", Title: "Export:"},
	{ID: "tools", Title: "Tools:"},
}

// flagGroups are the groups of flags, in the order in which help shows them.
var flagGroups = []string{"Everyday", "File", "Existing orders", "Sending", "Output", "Faults", "Global"}

// groupAnnotation is the annotation of a flag that names its group.
const groupAnnotation = "group"

// group puts the flags that have no group yet into one.
func group(fl *pflag.FlagSet, title string) {
	fl.SortFlags = false
	fl.VisitAll(func(f *pflag.Flag) {
		if f.Annotations[groupAnnotation] == nil {
			f.Annotations = map[string][]string{groupAnnotation: {title}}
		}
	})
}

// setHelp makes every help page show commands and flags in groups.
func setHelp(root *cobra.Command) {
	root.AddGroup(commandGroups...)
	root.SetHelpCommandGroupID("tools")
	root.SetCompletionCommandGroupID("tools")
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = "show the help of a command"
		case "completion":
			c.Short = "print a script that completes commands and flags in a shell"
		}
	}
	cobra.AddTemplateFunc("flagsInGroups", flagsInGroups)
	cobra.AddTemplateFunc("wrap", wrap)
	root.SetHelpTemplate("{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces | wrap}}\n\n{{end}}" +
		"{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}")
	commands, flags, _ := strings.Cut(root.UsageTemplate(), "{{if .HasAvailableLocalFlags}}")
	_, end, _ := strings.Cut(flags, "{{if .HasHelpSubCommands}}")
	root.SetUsageTemplate(commands + "\n{{flagsInGroups .}}{{if .HasHelpSubCommands}}" + end)
}

// flagsInGroups returns a line for each flag of a command.
func flagsInGroups(c *cobra.Command) string {
	lines := map[string][][2]string{}
	add := func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		group := "Global"
		if g := f.Annotations[groupAnnotation]; len(g) > 0 {
			group = g[0]
		}
		lines[group] = append(lines[group], flagLine(f))
	}
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	var b strings.Builder
	for _, group := range flagGroups {
		width := 0
		for _, l := range lines[group] {
			width = max(width, len(l[0]))
		}
		switch {
		case len(lines[group]) == 0:
		case group == "Global" && !c.HasParent():
			fmt.Fprint(&b, "\nFlags of every command:\n")
		default:
			fmt.Fprintf(&b, "\n%s flags:\n", group)
		}
		for _, l := range lines[group] {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, l[0], l[1])
		}
	}
	return b.String()
}

// flagLine returns the name of a flag and its text, which ends with the default.
func flagLine(f *pflag.Flag) [2]string {
	value, text := pflag.UnquoteUsage(f)
	names := map[string]string{"int": "N", "uint": "N", "float": "N", "duration": "TIME", "string": "TEXT", "stringArray": "TEXT"}
	value = cmp.Or(names[value], value)
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	if value != "" {
		name += " " + value
	}
	if !strings.Contains(text, "(default ") {
		text += fmt.Sprintf(" (default %s)", defaultText(f))
	}
	return [2]string{name, text}
}

func defaultText(f *pflag.Flag) string {
	switch {
	case f.Value.Type() == "bool" && f.DefValue == "false":
		return "no"
	case f.DefValue == "", f.DefValue == "[]":
		return "none"
	}
	return f.DefValue
}

// wrap breaks the lines of a text that are too long.
func wrap(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		for len(line) > helpWidth {
			at := strings.LastIndexByte(line[:helpWidth+1], ' ')
			if at <= 0 {
				break
			}
			out, line = append(out, line[:at]), line[at+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
