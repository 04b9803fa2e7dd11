// Signing in in another window gives this browser a new token: the form takes the one that holds when it is sent.
document.querySelector("[data-send-again]").addEventListener("submit", ({ target }) => {
  const held = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  if (held) target.elements.csrfmiddlewaretoken.value = held[1];
});
