package relayclient

// Base is where the relay is.
func (c *Client) Base() string { return c.base }
