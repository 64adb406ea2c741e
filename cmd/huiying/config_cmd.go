package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
)

const masked = "******"

func newConfig(o *options) *cobra.Command {
	var example bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the effective settings, secrets masked",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if example {
				return writeExample(cmd.OutOrStdout())
			}
			c, err := o.load()
			if err != nil {
				return err
			}
			return writeConfig(cmd.OutOrStdout(), c)
		},
	}
	cmd.Flags().BoolVar(&example, "example", false, "print a file with every setting, its default and what it does")
	return cmd
}

const exampleHead = `# Every setting of huiying with its default. Each can also be set by an environment
# variable (kafka.brokers is HUIYING_KAFKA_BROKERS; lists are separated by commas) or by
# --set key=value. A secret can be kept in a file: NAME_file here, HUIYING_NAME_FILE there.
`

const exampleContacts = `
# A contact, for notify.contacts:
#   - unit: u-jiaowei
#     emails: [duty@example.gov.cn]
#     webhook: https://oa.example.gov.cn/hooks/huiying
#     webhook_secret_file: /run/secrets/jiaowei
`

// writeExample prints the manual of all settings; deploy/huiying.example.yaml is its output.
func writeExample(w io.Writer) error {
	c := defaults()
	comments := yaml.CommentMap{}
	for _, l := range leaves(&c) {
		comments["$."+l.key] = []*yaml.Comment{yaml.HeadComment(" " + l.doc)}
	}
	b, err := yaml.MarshalWithOptions(c, yaml.WithComment(comments))
	if err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	_, err = fmt.Fprint(w, exampleHead, string(b), exampleContacts)
	return err
}

// writeConfig prints c as YAML that load reads back, secrets masked.
func writeConfig(w io.Writer, c config) error {
	for _, l := range leaves(&c) {
		if l.secret {
			l.value.SetString(mask(l.value.String()))
		}
	}
	c.Notify.Contacts = slices.Clone(c.Notify.Contacts)
	for i := range c.Notify.Contacts {
		c.Notify.Contacts[i].WebhookSecret = mask(c.Notify.Contacts[i].WebhookSecret)
	}
	b, err := yaml.Marshal(c)
	if err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	_, err = w.Write(b)
	return err
}

func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return masked
}
