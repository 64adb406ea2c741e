package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/huiying/huiying/opinion"
)

// UserRow is somebody who can sign in.
type UserRow struct {
	Name      string       `json:"name"`
	Role      opinion.Role `json:"role" enum:"staff,unit,leader,admin"`
	Unit      string       `json:"unit,omitempty"`
	Disabled  bool         `json:"disabled"`
	CreatedAt time.Time    `json:"created_at"`
}

func viewUser(u opinion.User) UserRow {
	return UserRow{u.Name, u.Role, u.Unit, u.Disabled, u.CreatedAt}
}

// KeyRow is a push key, without its secret.
type KeyRow struct {
	ID        string     `json:"id" doc:"The secret's first characters."`
	Source    string     `json:"source"`
	CreatedAt time.Time  `json:"created_at"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

func viewKey(k opinion.Key) KeyRow { return KeyRow{k.ID, k.Source, k.CreatedAt, k.RevokedAt} }

type pageInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	After string `query:"after" maxLength:"200" doc:"next of the page before."`
}

// UserList is a page of users, in the order of their making.
type UserList struct {
	Total int       `json:"total"`
	Users []UserRow `json:"users"`
	Next  string    `json:"next,omitempty"`
}

type usersOutput struct{ Body UserList }

type userOutput struct{ Body UserRow }

type addUserInput struct {
	Body struct {
		Name     string       `json:"name" minLength:"1" maxLength:"64" pattern:"^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]*$" patternDescription:"letters, digits, . _ @ -" doc:"Letters, digits, . _ @ and -; begins with a letter or digit."`
		Role     opinion.Role `json:"role" enum:"staff,unit,leader,admin"`
		Unit     string       `json:"unit,omitempty" maxLength:"200" doc:"Unit ID, for the role unit only."`
		Password string       `json:"password" maxLength:"200" format:"password" doc:"At least 10 characters, at most 72 bytes."`
	}
}

// validUserName is the pattern of addUserInput's name.
var validUserName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$`)

// ValidUserName reports whether a user may have the name: 1 to 64 letters, digits and
// . _ @ -, a letter or digit first. Blanks and characters that nobody sees would make two
// names that look the same.
func ValidUserName(name string) bool { return validUserName.MatchString(name) }

type nameInput struct {
	Name string `path:"name" minLength:"1" maxLength:"200"`
}

// KeyList is a page of keys, in the order of their making.
type KeyList struct {
	Total int      `json:"total"`
	Keys  []KeyRow `json:"keys"`
	Next  string   `json:"next,omitempty"`
}

type keysOutput struct{ Body KeyList }

type addKeyInput struct {
	Body struct {
		Source string `json:"source" pattern:"^[a-z0-9][a-z0-9._-]{0,62}$" patternDescription:"1 to 63 of a-z 0-9 . _ -" doc:"Name of the source that will push with it."`
	}
}

// NewKeyView is a new key with its secret.
type NewKeyView struct {
	KeyRow
	Secret string `json:"secret" doc:"For Authorization: Bearer. It is shown this once and never kept."`
}

type newKeyOutput struct{ Body NewKeyView }

func (s *server) registerAdmin(api huma.API) {
	s.registerUsers(api)
	s.registerKeys(api)
}

func (s *server) registerUsers(api huma.API) {
	tags := []string{"administration"}
	add(s, api, forAdmins, huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: "/api/v1/users", Tags: tags,
		Summary: "List users", Errors: []int{400, 401, 403, 422, 503},
	}, s.users)
	add(s, api, forAdmins, huma.Operation{
		OperationID: "add-user", Method: http.MethodPost, Path: "/api/v1/users", Tags: tags,
		Summary: "Add a user", DefaultStatus: http.StatusCreated, Errors: []int{400, 401, 403, 409, 422, 503},
	}, s.addUser)
	add(s, api, forAdmins, huma.Operation{
		OperationID: "disable-user", Method: http.MethodPost, Path: "/api/v1/users/{name}/disable", Tags: tags,
		Summary: "Disable a user", Description: "Ends the user's sessions at once.",
		DefaultStatus: http.StatusNoContent, Errors: []int{401, 403, 404, 409, 422, 503},
	}, s.disableUser)
}

func (s *server) registerKeys(api huma.API) {
	tags := []string{"administration"}
	add(s, api, forAdmins, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: "/api/v1/keys", Tags: tags,
		Summary: "List push keys", Errors: []int{400, 401, 403, 422, 503},
	}, s.keys)
	add(s, api, forAdmins, huma.Operation{
		OperationID: "add-key", Method: http.MethodPost, Path: "/api/v1/keys", Tags: tags,
		Summary: "Make a push key for a source", DefaultStatus: http.StatusCreated, Errors: []int{400, 401, 403, 422, 503},
	}, s.addKey)
	add(s, api, forAdmins, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodPost, Path: "/api/v1/keys/{id}/revoke", Tags: tags,
		Summary: "Revoke a push key", Description: "Pushes with it are refused at once.",
		DefaultStatus: http.StatusNoContent, Errors: []int{400, 401, 403, 404, 422, 503},
	}, func(ctx context.Context, c caller, in *idInput) (*struct{}, error) {
		return nil, s.store.RevokeKey(ctx, c.Actor, in.ID, s.now())
	})
}

func (s *server) users(ctx context.Context, c caller, in *pageInput) (*usersOutput, error) {
	all, err := s.store.Users(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	page, next, err := cut(ctx, all, in, func(u opinion.User) string { return u.Name })
	if err != nil {
		return nil, err
	}
	return &usersOutput{UserList{len(all), views(page, viewUser), next}}, nil
}

// cut takes a page out of a list whose items have a name.
func cut[T any](ctx context.Context, all []T, in *pageInput, name func(T) string) (page []T, next string, err error) {
	from := 0
	if in.After != "" {
		from = slices.IndexFunc(all, func(v T) bool { return name(v) == in.After }) + 1
		if from == 0 {
			return nil, "", problem(ctx, opinion.CodeInvalid, "page_mark")
		}
	}
	to := min(len(all), from+in.Limit)
	if to < len(all) {
		next = name(all[to-1])
	}
	return all[from:to], next, nil
}

func (s *server) addUser(ctx context.Context, c caller, in *addUserInput) (*userOutput, error) {
	b := in.Body
	if (b.Role == opinion.RoleUnit) != (b.Unit != "") {
		return nil, problem(ctx, opinion.CodeInvalid, "unit_needed", "field", "unit")
	}
	if b.Unit != "" {
		if err := s.responsible(ctx, b.Unit); err != nil {
			return nil, err
		}
	}
	if reason, _ := passwordFault(b.Name, b.Password); reason != "" {
		return nil, problem(ctx, opinion.CodeInvalid, reason, "field", "password",
			"least", fmt.Sprint(MinPassword), "most", fmt.Sprint(MaxPassword))
	}
	hash, err := HashPassword(b.Name, b.Password)
	if err != nil {
		return nil, err
	}
	u := opinion.User{Name: b.Name, Role: b.Role, Unit: b.Unit, PasswordHash: hash, CreatedAt: s.now()}
	err = s.store.AddUser(ctx, c.Actor, u)
	if opinion.CodeOf(err) == opinion.CodeConflict {
		return nil, problem(ctx, opinion.CodeConflict, "user_exists", "name", b.Name)
	}
	if err != nil {
		return nil, err
	}
	return &userOutput{viewUser(u)}, nil
}

// disableUser keeps administrators from locking themselves out.
func (s *server) disableUser(ctx context.Context, c caller, in *nameInput) (*struct{}, error) {
	if in.Name == c.Name {
		return nil, problem(ctx, opinion.CodeConflict, "own_account")
	}
	return nil, s.store.DisableUser(ctx, c.Actor, in.Name, s.now())
}

func (s *server) keys(ctx context.Context, c caller, in *pageInput) (*keysOutput, error) {
	all, err := s.store.Keys(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	page, next, err := cut(ctx, all, in, func(k opinion.Key) string { return k.ID })
	if err != nil {
		return nil, err
	}
	return &keysOutput{KeyList{len(all), views(page, viewKey), next}}, nil
}

// addKey tries again when the beginning of a secret, its ID, is taken.
func (s *server) addKey(ctx context.Context, c caller, in *addKeyInput) (*newKeyOutput, error) {
	var err error
	for range 3 {
		secret, key := NewKey(in.Body.Source, s.now())
		if err = s.store.AddKey(ctx, c.Actor, key); err == nil {
			return &newKeyOutput{NewKeyView{viewKey(key), secret}}, nil
		}
		if opinion.CodeOf(err) != opinion.CodeConflict {
			return nil, err
		}
	}
	return nil, errors.Join(errors.New("three new keys in a row had an ID that exists"), err)
}
