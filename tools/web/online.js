// An address at shinylive.io holds the whole application behind its `#`, and what it is to show
// before that.
const [place, application] = window.address.split("#");
location.replace(`${place}${location.search}#${application}`);
